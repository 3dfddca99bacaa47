"""Noise on the weights of a network while it learns: it then has to do with weights told less precisely, and generalises.

A training loop takes it in so:

    noise = AdaptiveWeightNoise(network, deviation=0.075)
    loss = nats_a_sequence(noise(xs)) + noise.complexity() / sequences
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class WeightNoise(nn.Module):
    """A network whose weights are a little off, differently at every call (Jim, Giles & Horne 1996).

        w = μ + σ ε      ε ~ N(0, 1) for each weight, the same for all steps of a call

    Gradients at w are those of μ, the network's own parameters, which stay what and where they are: optimisers, saving and
    `parameters()` know of no noise. In evaluation there is none.

    Args:
        network: any module; called with what it takes.
        deviation: σ of every weight that learns; Graves, Mohamed & Hinton 2013 take 0.075.

    Raises:
        ValueError: for a deviation that is not above 0, or a network in which nothing learns.
    """

    def __init__(self, network: nn.Module, deviation: float) -> None:
        super().__init__()
        if not deviation > 0:
            raise ValueError(f"weight noise needs a standard deviation above 0, got {deviation:g}")
        if not any(weight.requires_grad for weight in network.parameters()):
            raise ValueError(f"weight noise needs weights that learn, and the {type(network).__name__} has none")
        self.network, self.deviation = network, deviation

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        with self.drawn():
            return self.network(*args, **kwargs)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Within the block the network has drawn weights, whatever is done with it: for a core that is unrolled, say.

        The backward pass may come later; a draw serves one. `complexity` is asked for outside the block.
        """
        places = [
            (module, list(module.named_parameters(recurse=False, remove_duplicate=False)))
            for module in self.network.modules()
        ]
        drawn = dict(zip(self.weights, self.draw(), strict=True)) if self.training else {}
        try:
            # All parameters of a module leave and come back together, frozen ones too: so they keep their order.
            for module, weights in places:
                for name, weight in weights:
                    delattr(module, name)
                    setattr(module, name, drawn.get(weight, weight))
            yield
        finally:
            for module, weights in places:
                for name, weight in weights:
                    delattr(module, name)
                    setattr(module, name, weight)

    @property
    def weights(self) -> list[nn.Parameter]:
        """μ, the network's parameters that learn."""
        return [weight for weight in self.network.parameters() if weight.requires_grad]

    def draw(self) -> list[Tensor]:
        """w for each of `weights`."""
        return [weight + self.deviation * torch.randn_like(weight) for weight in self.weights]


class AdaptiveWeightNoise(WeightNoise):
    """Weight noise whose size is learnt, weight by weight (Graves 2011): the network of minimum description length.

    What is learnt is a distribution Q of weights, N(μ, σ²) each. To send the data by means of it costs, in nats,

        E_{w~Q}[-ln p(data | w)] + KL(Q ‖ P)      P = N(m, s²) for all weights

    The second term is `complexity`. Of the first, a call with drawn weights gives an estimate and, since w = μ + σ ε, its
    gradients for μ and σ (Graves 2011 puts squared gradients in place of the curvature for σ; this estimate has no bias, and
    does not ask for the gradient of each sequence by itself).

    `parameters()` has ln σ beside the network's; an optimiser should spare it weight decay. In evaluation w = μ.

    Args:
        network: any module; called with what it takes. Graves 2013 starts from one that was trained without noise.
        deviation: σ to begin with, of every weight.

    Raises:
        ValueError: as `WeightNoise` does.
    """

    def __init__(self, network: nn.Module, deviation: float = 0.075) -> None:
        super().__init__(network, deviation)
        of_weights = [torch.full_like(weight, deviation).log() for weight in self.weights]
        self.log_deviations = nn.ParameterList(of_weights)
        """ln σ, in the order of `weights`"""

    def draw(self) -> list[Tensor]:
        pairs = zip(self.weights, self.log_deviations, strict=True)
        return [weight + log_deviation.exp() * torch.randn_like(weight) for weight, log_deviation in pairs]

    def complexity(self) -> Float[Tensor, ""]:
        """KL(Q ‖ P) in nats for all weights together, under the best prior, which has a closed form:

            m = mean μᵢ      s² = mean (σᵢ² + (μᵢ - m)²)      KL = Σᵢ ln(s / σᵢ)

        A loss in nats a sequence takes this divided by the number of training sequences.
        """
        means = torch.cat([weight.flatten() for weight in self.weights])
        logs = torch.cat([log_deviation.flatten() for log_deviation in self.log_deviations])
        variance = ((2 * logs).exp() + (means - means.mean()).square()).mean()
        return (variance.log() / 2 - logs).sum()
