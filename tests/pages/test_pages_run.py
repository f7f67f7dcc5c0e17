"""Every page runs at smoke scale, once, and its numbers are better than chance.

What chance is follows from the same data: a black image, a stranger's latent, a guess that is the same for all. A
generator that draws black, an inverter that returns its start, an encoder that answers 0 and rows that are swapped
each break a bound.
"""

import numpy as np
import pytest
from running import NOTEBOOKS, Page, black, black_fid, execute

from ganinv_keras.data import load_images
from ganinv_keras.measures import metrics
from ganinv_keras.networks.priors import Normal


class TestPage00(Page):
    page = "00"

    def test_images_come_back_better_than_black(self, results):
        test = load_images("mnist", "test", verbose=False)
        digits = test[[int(np.flatnonzero(test.labels == label)[0]) for label in range(results["n"])]].images
        assert results["mae_black"] == pytest.approx(black(digits), rel=1e-4)
        assert results["n"] >= 2 and results["mae"] < 0.7 * min(black(digits), results["mae_other"])
        assert results["mae_squares"] < 0.7 * black(digits) and results["self_inversion_mae"] < 0.7 * black(digits)

    def test_the_latent_points_nearer_than_a_stranger(self, results):
        assert results["cosine"] > results["cosine_stranger"] + 0.05 and 0 < results["basin"] < 1


class TestPage01(Page):
    page = "01"

    def test_what_batch_norm_does(self, results):
        varies = list(results["batch_norm_std_by_batch_size"].values())
        assert varies == sorted(varies, reverse=True) and varies[0] > 3 * varies[-1] > 0.01
        assert results["batch_norm_pixel_difference"] > 0.02
        assert results["stored_variance_ratio"]["shipped"] == pytest.approx(1, abs=0.05)
        assert results["leftover"]["spread_refreshed"] > 1.2 * results["leftover"]["spread"]

    def test_lengths_and_pushes(self, results):
        assert results["steps"] == 4 and 0.5 <= results["d_accuracy"] <= 1
        assert results["mean_norm"]["normal"] == pytest.approx(10, abs=0.2)
        assert results["mean_norm"]["uniform"] == pytest.approx((100 / 3) ** 0.5, abs=0.1)
        original, other = (abs(np.mean(results["push"][loss])) for loss in ("original", "non_saturating"))
        assert original < 0.2 < 0.8 < other


class TestPage02(Page):
    page = "02"

    def test_reconstructions_are_better_than_black(self, results):
        test, characters = (load_images(name, "test", verbose=False) for name in ("mnist", results["characters"]))
        draw = np.random.default_rng(0)
        digits = test[draw.permutation(len(test))[8:16]].images
        chance = {"mnist": black(digits), "omniglot": black(characters[draw.permutation(len(characters))[:8]].images)}
        assert len(results["table"]) == 8 and all(row["n"] == 8 for row in results["table"].values())
        assert all(row["mae"] < 0.7 * chance[name.split("-")[0]] for name, row in results["table"].items())
        errors = list(results["budget"].values())
        assert errors == sorted(errors, reverse=True)
        assert results["efforts"]["1 × 40 steps"][0] < 0.8 * results["efforts"]["1 × 20 steps"][0]
        assert results["failure"]["dark on light"] > 2 * results["failure"]["worst ten"]

    def test_constraints_bind(self, results):
        outside = {name: row["improbable"] for name, row in results["table"].items() if "uniform" in name}
        assert all((share == 0) == name.endswith("kept") for name, share in outside.items())
        spread = {name: row["z_std"] for name, row in results["table"].items() if "normal" in name}
        assert all((abs(std - 1) < 0.05) == name.endswith("kept") for name, std in spread.items())

    def test_batch_statistics_couple_images_and_are_what_is_missing(self, results):
        assert max(results["moved"]["stored"].values()) < 1e-4
        moved = list(results["moved"]["the batch's"].values())
        assert 0.01 < moved[-1] < min(moved[:4]) / 2
        in_batch, with_its_statistics, _, stored, *_ = (row[0] for row in results["statistics"].values())
        assert with_its_statistics == pytest.approx(in_batch, rel=1e-3) and stored > 1.1 * in_batch

    def test_identity_and_style_survive(self, results):
        judged, chance = results["judged"], results["judged"]["chance: another digit"]
        assert results["accuracy"] > 0.5 and len(judged) == 6
        assert judged["pixels"]["read as the same digit, %"] > 40 + chance["read as the same digit, %"]
        assert judged["pixels"]["slant, correlation"] > 0.4 > chance["slant, correlation"]
        others = (row["mean absolute error"] for name, row in judged.items() if "features" in name or "chance" in name)
        assert judged["pixels"]["mean absolute error"] < 0.7 * min(others)

    def test_starts_decide_which_latent_is_found(self, results):
        agree = {name: mean for name, (mean, _) in results["agree"].items()}
        assert agree["of one image"] > agree["unrelated draws"] + 0.05 and agree["of one image"] < 0.9
        assert results["one_shot"]["guessing"][0] == pytest.approx(5, abs=0.5)


class TestPage03(Page):
    page = "03"
    parameters = {"train": True}

    def test_least_squares_finds_it_where_it_can_be_found(self, results):
        assert all(row["below_1e-12"] == row["n"] == 2 for row in results["exact"].values())
        least_squares = {"Levenberg–Marquardt", "Adam, then LM"}
        assert {name for name, (_, reached, _) in results["race"].items() if reached == reached} == least_squares
        assert results["limits"]["near"][1] < results["limits"]["far"][1] < 2

    def test_descent_moves_towards_the_latent(self, results):
        z, starts = (np.asarray(Normal(100).sample(results["latents"], seed)) for seed in (0, 1))
        assert results["one"]["z"] < 0.98 * metrics.z_error(z, starts)[0] ** 0.5
        assert results["redrawn"] == pytest.approx(0.0956, abs=0.005)  # 2 Φ(-2.5/1.5)

    def test_singular_values_and_noise(self, results):
        smallest = results["smallest_singular_value"]
        assert all((value > 0.1) != name.startswith("mnist") for name, value in smallest.items())
        errors, floor = results["noise"]["Levenberg–Marquardt"], results["noise_floor"]
        assert errors == sorted(errors) and errors[0] == pytest.approx(floor[0], rel=0.5)

    def test_answers_agree_more_than_those_to_two_images(self, results):
        assert results["unique"]["cosine of two answers"] > results["unique"]["cosine of answers to two faces"]

    def test_unit_vectors_are_seen_where_the_length_is_not(self, results):
        assert results["spread"]["own statistics"] > 3 * results["spread"]["stored"]
        assert min(results["additivity"]["stored"]) > max(results["additivity"]["own statistics"])


class TestPage03b(Page):
    page = "03b"

    def test_own_statistics_hide_the_length_and_nothing_else(self, results):
        (_, before, last), (_, _, stored) = (results["spectra"][f"{kind} statistics"] for kind in ("own", "stored"))
        assert last < 0.1 * min(before, stored) and results["along_z"] > 0.95
        assert results["below"]["with the true length"] == 1 > results["below"]["as it was found"]

    def test_a_latched_success_flatters(self, results):
        assert results["latched"] <= results["last"] < 2

    def test_dropout_leaves_nothing_to_find(self, results):
        assert results["dropout"]["dropout off"] < 1e-8 < 0.1 < results["dropout"]["dropout on"]


class TestPage04(Page):
    page = "04"

    def test_encoders_answer_for_their_image(self, results):
        table = results["table_1"]["avatars"]
        assert set(table) == {"AEGAN", "direct", "BiGAN"} == set(results["table_1"]["celeb_a"])
        assert max(table["AEGAN"]["shuffled_ratio"], table["direct"]["shuffled_ratio"]) < 0.4
        assert all(table[name]["dhash"][0] > table[name]["dhash_shuffled"] + 0.1 for name in ("AEGAN", "direct"))
        assert table["BiGAN"]["shuffled_ratio"] < 1 and table["direct"]["z_error"][0] < 0.8 / 3  # answering 0: 1/3
        assert results["one_number"]["LatentRegressor"] > 0.4 > 0.2 > results["one_number"]["AEGAN"]  # answering 0: 1/2
        assert results["lessons"]["direct"]["shuffled_ratio"] > 0.9 > results["lessons"]["AEGAN"]["shuffled_ratio"]

    def test_descent_descends_and_a_pass_costs_some_steps(self, results):
        worth, real = results["worth"], results["real"]
        assert all(1 < row["cost"] < 50 and row["psnr"] > 14 for row in worth.values())
        assert results["limits"]["generated"] > worth["generated"]["psnr"] + 3
        assert real["descent"]["PSNR, dB"] > real["another image's"]["PSNR, dB"] + 4
        hole = results["hole"]["generated"]
        assert min(hole["trained on holes"], hole["descent, told"]) > hole["another image's"] + 2

    def test_searches_find_more_than_a_random_pair(self, results):
        assert results["gallery"] == results["queries"] == 40 and len(results["places"]) == 7
        alike = [results["places"]["AEGAN"][change]["median"] for change in ("other colours", "noise")]
        assert max(alike) < 5, "a random place is 20"
        shared = {name: row["all"] for name, row in results["table_2"].items()}
        assert len(shared) == 7 and shared["AEGAN"] > 1.15 * results["random_pair"] > 0
        assert results["shared"]["16×16 pixels"]["gender"] > results["shared"]["random pair"]["gender"] + 0.1
        assert set(results["sums"]["AEGAN"]) == {"as it is", "+ difference", "+ 3 × difference", "+ 3 × a random one"}


class TestPage05(Page):
    page = "05"

    def test_the_scaled_encoder_reads_more_than_nothing(self, results):
        (scaled, unscaled), limit = map(results["table"].get, ("scaled", "unscaled")), black_fid("mnist", 130)
        assert results["generated"] == 130 and scaled["encoder_loss"] < 0.4 and 0.8 < unscaled["encoder_loss"] < 1.1
        assert scaled["psnr_test"] > scaled["psnr_test_shuffled"] + 4
        assert scaled["ssim_generated"] > unscaled["ssim_generated"] > unscaled["ssim_generated_shuffled"]
        assert max(scaled["fid"], unscaled["fid"]) < 0.3 * limit

    def test_what_is_read_and_what_is_in_the_image(self, results):
        counts, loss = (results[key]["scaled"] for key in ("counts", "loss"))
        assert counts["r² > ½"] <= counts["s > 1"] + 2 and counts["s > 1"] < counts["e^H of s²"] < 64
        assert 0.02 < counts["redrawn"] < 0.5 < results["counts"]["unscaled"]["redrawn"]
        assert 0 < loss["G's part"] < loss["L_enc"]
        assert loss["mean share in the image"] > 3 * loss["mean share read"]
        assert results["normality"]["scaled"]["root mean square"] > 0

    def test_refining_refines(self, results):
        refined = [list(row.values()) for row in results["refined"].values()]
        assert refined[0][0] > refined[1][0] + 4, "the encoder's start is nearer than a random one"
        assert all(last > first + 1 for first, last in refined[1:])
        assert results["letters"]["refined"] > results["letters"]["one pass"] + 1


class TestPage06(Page):
    page = "06"

    def test_directions_are_read(self, results):
        rows = {label: row for label, row in results["table"].items() if "→" in label}
        guess = results["guesses"]["d = 31"]["the mean direction"]
        assert len(rows) == 3 and all(row["angle"] < 0.85 * guess for row in rows.values())
        assert all(row["psnr_test"] > row["psnr_test_shuffled"] + 4 for row in rows.values())
        assert all(row["fid"] < 0.5 * black_fid("mnist", results["generated"]) for row in rows.values())
        assert results["table"]["0"]["fid"] < min(row["fid"] for row in rows.values())

    def test_guesses_and_precision(self, results):
        assert results["guesses"]["d = 31"]["the mean direction"] == pytest.approx(53.3, abs=0.5)
        assert results["guesses"]["d = 31"]["another point"] == pytest.approx(70.2, abs=0.7)
        assert results["lost"]["sequential, float32"] > 0.5 and results["lost"]["tree, float32"] == 0

    def test_lengths_consistency_and_refining(self, results):
        assert results["apart"]["generated"] > 0.6  # guessing: 0.5
        for row in results["consistent"].values():
            assert row["its own answer"] < 0.6 * row["another image's answer"]
        refined = results["refined"]
        assert refined["from the encoder"]["first"] > refined["from a random z"]["first"] + 3
        assert all(row["last"] > row["first"] + 1 for row in refined.values())
        assert results["letters"]["refined"] > results["letters"]["one pass"] + 1


class TestPage07(Page):
    page = "07"

    def test_few_pixels_bring_the_whole_face_back(self, results):
        assert results["worst_psnr"] > 100
        film = results["film"]
        assert film["pixels"] == [10, 50, 90] and film["typical"][0] > 0.4

    def test_the_generator_knows_more_than_the_mean_face(self, results):
        assert results["test_faces"] == 2 and results["digits"]["generator"] < 0.5 * results["digits"]["Lasso, cosines"]
        classics, chance = results["classics"], results["chance"]
        assert all(row["G alone"] > chance + 1 for row in classics.values())
        mended = {name: row["G, mended"] - row["G alone"] for name, row in classics.items() if "G, mended" in row}
        assert len(mended) == 4 and min(mended.values()) > 0

    def test_less_seen_is_less_certain(self, results):
        spreads = [results["std"][rows] for rows in ("28", "14", "8")]
        assert spreads == sorted(spreads) and 0 < spreads[0] < spreads[2] < 1
        few, whole = (results["weights"][rows] for rows in ("2", "28"))
        assert np.sum(few) == pytest.approx(1) == np.sum(whole) and max(few) < 0.4 and np.argmax(whole) == 4

    def test_what_has_no_latent_is_not_trusted(self, results):
        verdicts = results["verdicts"]
        assert verdicts["generated digits"]["trusted"] == 2 and verdicts["letters"]["trusted"] == 0


def test_an_unknown_parameter_fails(tmp_path):
    with pytest.raises(ValueError, match="02_invert_by_gradient_descent.ipynb has no parameter scael; it has scale, s"):
        execute(NOTEBOOKS / "02_invert_by_gradient_descent.ipynb", tmp_path, scael="smoke")
