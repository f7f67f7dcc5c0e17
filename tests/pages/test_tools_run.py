"""The pages of all five papers together run at smoke scale, once; and no page is left out."""

import test_pages_run as papers
from running import NOTEBOOKS, Page


class TestPage08(Page):
    page = "08"

    def test_a_start_helps_and_so_does_going_on(self, results):
        psnr = {name: row["PSNR, dB"] for name, row in results["eight"].items()}
        assert len(psnr) == 16
        for encoder in ("direct", "AEGAN"):
            for optimiser in ("descent", "least squares"):
                assert psnr[f"{encoder}, {optimiser}"] > psnr[encoder] + 0.5
        assert min(psnr["AEGAN, descent"], psnr["direct, descent"]) > psnr["descent, clipped"] + 1
        assert results["off"]["the image itself"] < 0.7 * results["off"]["another image"]

    def test_faults_are_named_and_what_is_healthy_is_not(self, results):
        said = results["findings"]
        assert list(said) == ["pixels in [-1, 1]", "faces for digits"]
        assert "(images + 1) / 2" in said["pixels in [-1, 1]"][0] and "unlike all" in said["faces for digits"][0]
        assert results["reasons"] == [2, 5] and results["healthy"]["own images, PSNR in dB"] > 20

    def test_a_folder_is_inverted_but_for_what_is_no_image(self, results):
        assert (results["inverted"], results["left_out"]) == (5, 2)

    def test_labels_have_directions_of_their_own(self, results):
        cosines = results["cosines"]
        assert all(abs(cosines[i][j]) < 0.6 for i in range(3) for j in range(i)) and results["frames"] == 12


class TestPage09(Page):
    page = "09"

    def test_two_replicas_are_one(self, results):
        assert max(results["replicas"].values()) < 1e-4

    def test_no_image_is_lost_with_its_worker(self, results):
        assert results["inverted"] == results["folder_images"] == 6

    def test_cost_grows_with_operations(self, results):
        rates, million = results["rates"], results["million"]
        assert rates["food-pixelshuffle"]["MFLOP"] > 10 * rates["mnist-plane"]["MFLOP"] > 0
        assert 0 < results["slope"] < 1.5 and results["each"] > 0
        shares = [million["avatars-normal"][f"8 GPUs at {share}%, hours"] for share in (5, 20, 50)]
        assert shares == sorted(shares, reverse=True)

    def test_fewer_bits_cost_little_of_the_image(self, results):
        float32, few = (results["bits"][name]["PSNR, dB"] for name in ("float32", "mixed_bfloat16"))
        assert abs(float32 - few) < 2


def test_every_page_is_run():
    classes = [thing for thing in (*vars(papers).values(), *globals().values()) if isinstance(thing, type)]
    tested = {tests.page for tests in classes if issubclass(tests, Page) and tests is not Page}
    assert tested == {path.name.split("_")[0] for path in NOTEBOOKS.glob("*.ipynb")}
