"""Growing: a trained GAN becomes the inside of one whose images are twice as large."""


def grow(gan, small):
    """Start a GAN from one that was trained on images of half the size (Karras et al., Progressive Growing of GANs).

    Layers that have the same name in both take the trained weights: all of G but its last map, all of D but the first.
    What G's new layers add to the image starts at 0, so that it draws at first what the small one draws, doubled. The
    new map is not faded in. What a `DynamicLatentScaleGAN` remembers of past batches is taken over, too.

    Args:
        gan: a `GAN` of the networks of `networks.style`, not yet trained.
        small: a trained one of the same kind, with networks that are the same but for `image_size`, and for `width`,
            which is twice as large.

    Raises:
        ValueError: if a layer that is in both has other weights in each.
    """
    pairs = [(gan.generator, small.generator), (gan.discriminator, small.discriminator)]
    if gan.ema is not None:
        pairs.append((gan.ema_generator, small.sampler))
    for large, trained in pairs:
        weights = {layer.name: layer.get_weights() for layer in trained.layers if layer.weights}
        for layer in large.layers:
            if layer.name in weights:
                layer.set_weights(weights[layer.name])
            elif layer.name.startswith("to_image"):
                layer.set_weights([0.0 * weight for weight in layer.get_weights()])
    if hasattr(gan, "moments"):
        gan.moments.assign(small.moments)
