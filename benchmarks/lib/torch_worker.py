"""Torch-Pruning's choice of channels on the U-Net, for comparison; runs in a Python of its own that has PyTorch.

    python benchmarks/lib/torch_worker.py IN.npz OUT.json --importance taylor --ratio 0.75

`benchmarks/pruning.py --torch-python PYTHON` writes IN.npz and calls this; nothing else needs PyTorch. IN.npz: `images`
(N, H, W, 3) float32 network inputs, `masks` (N, H, W) of {0, 1}, and the weights of the i-th convolution in the order
of the network: `kernel_i` (3, 3, in, out) with `gamma_i`, `beta_i`, `mean_i`, `variance_i`, and of the output layer
`kernel` and `bias`. OUT.json: the channels that went from each convolution, and the logits of the first image before.

Settings: the library's pruner with one step, the same ratio for every layer (global_pruning=False), the output layer
ignored; importances with the library's defaults. Taylor's gradients are those of the mean cross-entropy over all
images, whose labels it needs.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch_pruning as tp
from torch import nn

WIDTHS = (16, 32, 64, 128, 64, 32, 16)
_BATCH = 32
_EPSILON = 1e-3  # of Keras' BatchNormalization

IMPORTANCES = {
    "l1": lambda: tp.importance.GroupMagnitudeImportance(p=1),
    "l2": lambda: tp.importance.GroupMagnitudeImportance(p=2),
    "lamp": tp.importance.LAMPImportance,
    "batchnorm_scale": tp.importance.BNScaleImportance,
    "geometric_median": tp.importance.FPGMImportance,
    "taylor": tp.importance.GroupTaylorImportance,
    "random": tp.importance.RandomImportance,
}


class UNet(nn.Module):
    """The network of benchmarks/lib/unet_camvid.py."""

    def __init__(self) -> None:
        super().__init__()
        read = (3, 16, 32, 64, 128 + 64, 64 + 32, 32 + 16)
        self.blocks = nn.ModuleList(_block(inputs, width) for inputs, width in zip(read, WIDTHS, strict=True))
        self.output = nn.Conv2d(WIDTHS[-1], 1, 1)
        self.down, self.up = nn.MaxPool2d(2), nn.Upsample(scale_factor=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns logits (N, 1, H, W) of (N, 3, H, W)."""
        skips = []
        for block in self.blocks[:3]:
            skips.append(block(x))
            x = self.down(skips[-1])
        x = self.blocks[3](x)
        for block in self.blocks[4:]:
            x = block(torch.cat([self.up(x), skips.pop()], 1))
        return self.output(x)


def _block(inputs: int, width: int) -> nn.Sequential:
    def part(channels: int) -> list[nn.Module]:
        return [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width, eps=_EPSILON), nn.ReLU()]

    return nn.Sequential(*part(inputs), *part(width))


def main() -> None:
    """Writes OUT.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("given", type=Path, metavar="IN.npz")
    parser.add_argument("result", type=Path, metavar="OUT.json")
    parser.add_argument("--importance", choices=IMPORTANCES, required=True)
    parser.add_argument("--ratio", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    given = dict(np.load(options.given))
    images, masks = (torch.from_numpy(given[name].astype(np.float32)) for name in ("images", "masks"))
    images, masks = images.permute(0, 3, 1, 2), masks[:, None]
    model = UNet().eval()
    load(model, given)
    with torch.no_grad():
        logits = model(images[:1])[0, 0].tolist()
    importance = IMPORTANCES[options.importance]()
    pruner = tp.pruner.BasePruner(
        model, images[:1], importance, pruning_ratio=options.ratio, ignored_layers=[model.output]
    )
    if isinstance(importance, tp.importance.GroupTaylorImportance):
        for start in range(0, len(images), _BATCH):
            batch = slice(start, start + _BATCH)
            loss = nn.functional.binary_cross_entropy_with_logits(model(images[batch]), masks[batch], reduction="sum")
            (loss / masks.numel()).backward()
    pruner.step()
    history = {name: sorted(gone) for name, outputs, gone in pruner.pruning_history() if outputs}
    removed = [history[name] for name, layer in model.blocks.named_modules(prefix="blocks") if _is_convolution(layer)]
    options.result.write_text(json.dumps({"removed": removed, "logits": logits}))


def load(model: UNet, given: dict[str, np.ndarray]) -> None:
    """Gives the network the weights of IN.npz."""
    layers = list(model.blocks.modules())
    norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
    parts = zip(filter(_is_convolution, layers), norms, strict=True)
    for number, (convolution, norm) in enumerate(parts):
        values = [_kernel(given[f"kernel_{number}"])]
        values += [torch.from_numpy(given[f"{name}_{number}"]) for name in ("gamma", "beta", "mean", "variance")]
        places = (convolution.weight, norm.weight, norm.bias, norm.running_mean, norm.running_var)
        for place, value in zip(places, values, strict=True):
            place.data.copy_(value)
    model.output.weight.data.copy_(_kernel(given["kernel"]))
    model.output.bias.data.copy_(torch.from_numpy(given["bias"]))


def _is_convolution(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Conv2d)


def _kernel(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values.transpose(3, 2, 0, 1).copy())


if __name__ == "__main__":
    main()
