"""Creswell & Bharath's GAN of digits in PyTorch, as one writes it there: for `python -m tests.benchmarks`."""

import torch
from torch import nn
from torch.nn import functional


def generator():
    """Return G: dense, dense, and two transposed convolutions, batch normalisation between them; ends in a logit."""
    return nn.Sequential(
        nn.Linear(100, 1024, bias=False), nn.BatchNorm1d(1024), nn.ReLU(),
        nn.Linear(1024, 6272, bias=False), nn.BatchNorm1d(6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, 1),
    )  # fmt: skip


def discriminator():
    """Return D: two strided convolutions and two dense layers."""
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, 2, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 5, 2, 2, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(6272, 1024), nn.LeakyReLU(0.2),
        nn.Linear(1024, 1),
    )  # fmt: skip


def training(steps, batch, compiled):
    """Return a function that takes training steps: both networks once each, non-saturating losses, Adam."""
    g, d = generator(), discriminator()
    optimizers = [torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999)) for network in (d, g)]
    x = torch.rand(batch, 1, 28, 28)

    def losses(x, z):
        fake = torch.sigmoid(g(z))
        real_logit, fake_logit = d(x), d(fake.detach())
        return (functional.softplus(-real_logit) + functional.softplus(fake_logit)).mean(), \
            functional.softplus(-d(fake)).mean()  # fmt: skip

    losses = torch.compile(losses) if compiled else losses

    def run():
        for _ in range(steps):
            z = torch.rand(batch, 100) * 2 - 1
            d_loss, g_loss = losses(x, z)
            gradients = torch.autograd.grad(d_loss, list(d.parameters()), retain_graph=True)
            others = torch.autograd.grad(g_loss, list(g.parameters()))
            for optimizer, network, values in zip(optimizers, (d, g), (gradients, others), strict=True):
                for parameter, value in zip(network.parameters(), values, strict=True):
                    parameter.grad = value
                optimizer.step()

    return run


def descent(images, steps, compiled):
    """Return a function that descends on z for images `(n, 28, 28, 1)`: Adam, the generator in evaluation mode."""
    g = generator().eval().requires_grad_(False)
    x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())

    def loss_of(z):
        loss = functional.binary_cross_entropy_with_logits(g(z), x, reduction="none")
        return loss.mean((1, 2, 3)).sum()

    loss_of = torch.compile(loss_of) if compiled else loss_of

    def run():
        z = torch.rand(len(x), 100).mul(2).sub(1).requires_grad_()
        optimizer = torch.optim.Adam([z], 0.05)
        for _ in range(steps):
            optimizer.zero_grad()
            loss_of(z).backward()
            optimizer.step()

    return run
