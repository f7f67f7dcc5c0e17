import numpy as np
import pytest

from ganinv_keras.course.experiments import inversion
from ganinv_keras.data import ImageSet
from ganinv_keras.inversion.constraints import Clip, MomentPenalty
from ganinv_keras.measures import metrics
from ganinv_keras.networks import creswell_generator
from ganinv_keras.networks.priors import Normal, Uniform
from ganinv_keras.zoo.pretrained import Pretrained


def test_the_arms_are_those_of_tables_2_and_3():
    uniform, normal = Uniform(4), Normal(4)
    assert inversion.arm(uniform, "free") == inversion.arm(normal, "free") == {}
    assert inversion.arm(uniform, "kept") == {"constraint": Clip(uniform)}
    assert inversion.arm(normal, "kept") == {"penalty": MomentPenalty(normal)}


def test_effects_are_paired_differences_by_hand():
    first = np.array([1.0, 2.0, 4.0])
    errors = {("stored", "free", "a"): first, ("stored", "kept", "a"): first + [1, 0, 2],
              ("batch", "free", "a"): first - 1, ("batch", "kept", "a"): first}  # fmt: skip
    for key in list(errors):
        errors[*key[:2], "b"] = errors[key] + 5.0
    found = inversion.effects(errors)
    assert found["means"][0] == {"way": ["stored", "free", "a"], "mean": pytest.approx(7 / 3),
                                 "se": pytest.approx(first.std(ddof=1) / 3**0.5)}  # fmt: skip
    differences = {(row["of"], *row["at"]): (row["mean"], row["se"]) for row in found["differences"]}
    assert len(differences) == 12
    assert differences["kept - free", "stored", "a"] == (1.0, pytest.approx(1 / 3**0.5))
    assert differences["batch - stored", "free", "b"] == (-1.0, 0.0)
    assert differences["b - a", "batch", "kept"] == (5.0, 0.0)


@pytest.fixture
def model():
    generator = creswell_generator(6, 4)
    for variable in generator.trainable_variables:
        variable.assign(variable + 0.1 if "beta" in variable.path else 5 * variable)  # not flat grey, nor dark at 0
    return Pretrained(generator, None, Uniform(6), {})


def test_all_eight_ways_start_alike_and_differ(model):
    images = np.asarray(model.generator(model.prior.sample(3, 5)))
    errors = inversion.factorial(model, images, 4)
    assert len(errors) == 8 and all(values.shape == (3,) for values in errors.values())
    free = errors["stored", "free", "ours"]
    assert not np.allclose(free, errors["the batch's", "free", "ours"])
    assert not np.allclose(free, errors["stored", "free", "RMSprop(0.01)"])


@pytest.fixture
def characters():
    places = [(alphabet, letter, drawer) for alphabet in (0, 1) for letter in (0, 1, 2) for drawer in (1, 2, 3)]
    alphabet, letter, drawer = np.array(places).T
    pixels = np.random.default_rng(0).integers(0, 255, (len(places), 28, 28, 1)).astype("uint8")
    attributes = {"alphabet": alphabet, "drawer": drawer}
    return ImageSet("omniglot", "test", pixels, 3 * alphabet + letter, tuple("abcdef"), attributes, "drawn")


def test_a_run_has_two_hands_and_one_alphabet(characters):
    for known, asked in inversion.runs(characters, 2, 5, np.random.default_rng(0)):
        assert len(known) == len(asked) == 2 and list(characters.labels[known]) == list(characters.labels[asked])
        assert len(set(characters.labels[known])) == 2
        assert len(set(characters.attributes["alphabet"][[*known, *asked]])) == 1
        hands = [set(characters.attributes["drawer"][index]) for index in (known, asked)]
        assert len(hands[0]) == len(hands[1]) == 1 and hands[0] != hands[1]


def test_retrieval_by_hand():
    known = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert inversion.retrieved(known, 3 * known) == 1 and inversion.retrieved(known, known[::-1]) == 0
    far = np.array([[1.0, 9.0], [0.0, 1.0]])  # right but for a direction that does nothing
    blind = np.array([np.diag([1.0, 0.0])] * 2)
    assert inversion.retrieved(known, far) == 0.5 and inversion.retrieved(known, far, blind) == 1


def test_the_metric_is_that_of_small_steps(model):
    z = np.asarray(model.prior.sample(3, 0))
    step = 1e-3 * np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    moved = np.asarray(model.generator(z + step)) - np.asarray(model.generator(z))
    expected = np.einsum("nd,nde,ne->n", step, inversion.metric(model.generator, z, batch_size=2), step)
    assert np.allclose(np.sum(moved**2, axis=(1, 2, 3)), expected, rtol=0.05)


def test_answers_of_every_run(model, characters):
    asked = inversion.runs(characters, 2, 3, np.random.default_rng(0))
    answers = inversion.one_shot(model, characters, asked, 3)
    assert set(answers) == {"latents, random starts: cosine", "latents, random starts: JᵀJ",
                            "latents, one common start: cosine", "latents, one common start: JᵀJ",
                            "pixels: cosine", "guessing"}  # fmt: skip
    assert answers["guessing"] == [0.5] * 3 and all(len(shares) == 3 for shares in answers.values())


def test_a_report_of_all_images_has_its_alphabets(model, characters):
    report = inversion.all_images(model, characters, "kept", 2)
    assert report["n"] == 18 and set(report["alphabets"]) == {"a", "b"}
    found = inversion.LatentOptimizer(model.generator, model.prior, constraint=Clip(model.prior))
    errors = metrics.mae(characters.images, found.invert(characters.images, 2).images)
    assert report["mae"] == pytest.approx(errors.mean(), rel=1e-5)
    assert report["alphabets"]["a"] == pytest.approx(np.median(errors[:9]), rel=1e-5)


def test_a_run_that_was_stopped_goes_on(model, characters, tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    monkeypatch.setattr(inversion.files, "ASSETS", tmp_path)
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(inversion.data, "load_images", lambda *_: characters)
    monkeypatch.setattr(inversion.pretrained, "load", lambda *_: model)
    calls = []
    monkeypatch.setattr(inversion, "factorial", lambda *_: calls.append(1) or {("a", "b", "c"): np.ones(2)})
    monkeypatch.setattr(inversion, "effects", lambda _: {"means": []})
    with pytest.raises(TypeError):
        inversion.main([], images=4, steps=1, all_steps=1, count="a number")
    inversion.main([], images=4, steps=1, all_steps=1, count=1)
    assert len(calls) == 4, "what the first run had done is not done again"
    written = (tmp_path / "results" / "02_inversion.json").read_text("utf-8")
    assert "factorial, mnist-uniform, shipped" in written and "one-shot" in written


def test_what_makes_an_image_hard():
    images = np.zeros((4, 28, 28, 1))
    for i, (first, last) in enumerate(((13, 15), (10, 18), (5, 23), (0, 28))):  # more and more ink, nearer the border
        images[i, first:last, first:last] = 1
    errors = np.array([0.1, 0.2, 0.3, 0.4])
    found = inversion.hardness(images, errors)
    assert found == {"amount of ink": [1, -1], "ink near the border": [1, -1]}
    corner = np.roll(images[:1], (-13, -13), (1, 2))
    found = inversion.hardness(np.concatenate([images[:3], corner]), np.array([0.1, 0.2, 0.3, 0.05]))
    assert found["amount of ink"][0] == pytest.approx(0.95, abs=0.01) and found["ink near the border"][0] < 0.5
