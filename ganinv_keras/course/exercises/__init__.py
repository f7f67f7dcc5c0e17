"""The exercises of the pages: each check takes your solution and prints in a line what it found."""

from ganinv_keras.course.exercises.cho import (
    check_best_direction,
    check_effective_dimension,
    check_leaf,
    check_noisy_share,
    check_share_held,
    check_tangent,
)
from ganinv_keras.course.exercises.descent import check_loss_gradient, check_masked_error, check_moment_penalty
from ganinv_keras.course.exercises.encoders import check_best_direct_answer, check_difference_bits, check_fold_errors
from ganinv_keras.course.exercises.gan import check_hinge, check_lowest_d_loss, check_trained_discriminator
from ganinv_keras.course.exercises.machines import check_best_interval, check_rows_of, check_serial_share
from ganinv_keras.course.exercises.race import check_best_at, check_breaks_even, check_rank_correlation
from ganinv_keras.course.exercises.recovery import (
    check_damped_step,
    check_hazard,
    check_line_length,
    check_luck,
    check_own_normalised,
    check_successes,
)
from ganinv_keras.course.exercises.seen import check_covered, check_posterior, check_seen_pixels
from ganinv_keras.course.exercises.start import check_line, check_loss_floor, check_way_back

CHECKS = (
    check_line,
    check_loss_floor,
    check_way_back,
    check_hinge,
    check_lowest_d_loss,
    check_trained_discriminator,
    check_moment_penalty,
    check_loss_gradient,
    check_masked_error,
    check_hazard,
    check_damped_step,
    check_line_length,
    check_own_normalised,
    check_luck,
    check_successes,
    check_difference_bits,
    check_best_direct_answer,
    check_fold_errors,
    check_effective_dimension,
    check_noisy_share,
    check_share_held,
    check_leaf,
    check_tangent,
    check_best_direction,
    check_seen_pixels,
    check_posterior,
    check_covered,
    check_breaks_even,
    check_best_at,
    check_rank_correlation,
    check_rows_of,
    check_serial_share,
    check_best_interval,
)
