"""Several processes that train one network together, each on a GPU or a machine of its own, as `accelerate launch` starts them.

Each learns from a part of every batch. The gradients of all parts are added up, so all processes come to the same weights,
and to those that a single one would come to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar, overload

import torch
from accelerate import Accelerator, PartialState
from torch import Tensor, distributed, nn
from torch.futures import Future
from torch.nn.parallel import DistributedDataParallel

from shared.errors import UserError

Answer = TypeVar("Answer")
LONGEST_WAIT = timedelta(hours=6)
"""how long the others wait while the main process validates; after it a process counts as lost"""


class Part(Sequence[int]):
    """The examples of a batch that one process learns from.

    Args:
        batch: the examples of all processes.
        rank: which process this is.
        processes: how many there are.
        add_up: the sum of a tensor over all of them.
    """

    def __init__(
        self,
        batch: Sequence[int],
        rank: int = 0,
        processes: int = 1,
        add_up: Callable[[Tensor], Tensor] = lambda tensor: tensor,
    ) -> None:
        own = batch[rank::processes]
        self.batch, self.counts, self._add_up = batch, bool(own), add_up
        # A process must keep step though no example is left for it. It takes another's, and what it learns counts for nothing.
        self._own = own or batch[:1]

    def __len__(self) -> int:
        return len(self._own)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return self._own[index]

    def share(self, count: Tensor) -> Tensor:
        """Which share of all that is counted in the batch is in this part: what a mean over the part must be multiplied by, for
        the sum over all parts to be the mean over the batch. All processes have to ask; no GPU waits for the answer."""
        return count / self._add_up(count if self.counts else torch.zeros_like(count))


class Processes:
    """All processes of a run, as one of them sees them. Where there is but one, nothing is sent."""

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.rank, self.number = accelerator.process_index, accelerator.num_processes
        self.is_main = accelerator.is_main_process
        # What is said here goes from host to host: no GPU has to wait for it, nor it for a GPU.
        self._hosts: distributed.ProcessGroup | None = None
        if self.number > 1:
            group = distributed.new_group(backend="gloo", timeout=LONGEST_WAIT)
            assert isinstance(group, distributed.ProcessGroup)  # all processes are in it
            self._hosts = group

    def unite(self, model: nn.Module) -> None:
        """Lets the gradients of a prepared model be the sum over the processes; by itself DDP takes the mean."""
        if isinstance(model, DistributedDataParallel):
            model.register_comm_hook(None, lambda _, bucket: _sum(bucket.buffer()))

    def part(self, batch: Sequence[int]) -> Part:
        """What this process has to learn from."""
        return Part(batch, self.rank, self.number, self.add_up)

    def add_up(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, for each of them."""
        return self.accelerator.reduce(tensor, "sum")

    def any(self, *wishes: bool) -> list[bool]:
        """For each of the wishes, whether any process has it: then all act upon it."""
        if self._hosts is None:
            return list(wishes)
        votes = torch.tensor(wishes, dtype=torch.int)
        distributed.all_reduce(votes, distributed.ReduceOp.MAX, self._hosts)
        return [bool(vote) for vote in votes.tolist()]

    def by_main(self, act: Callable[[], Answer]) -> Answer:
        """What the main process alone does while the others wait. Its answer is everybody's.

        Raises:
            UserError: in all processes, if it is raised in the main one.
        """
        if self._hosts is None:
            return act()
        answers: list[Answer | UserError | None] = [None]
        if self.is_main:
            try:
                answers = [act()]
            except UserError as error:
                answers = [error]
        distributed.broadcast_object_list(answers, 0, self._hosts)
        if isinstance(answers[0], UserError):
            raise answers[0]
        return answers[0]  # type: ignore[return-value]

    def wait(self) -> None:
        """Comes back when all processes have come here."""
        if self._hosts is not None:
            distributed.barrier(self._hosts)


def is_main() -> bool:
    """Whether this process speaks for all of a run."""
    return PartialState().is_main_process


def _sum(gradients: Tensor) -> Future[Tensor]:
    work = distributed.all_reduce(gradients, async_op=True)
    return work.get_future().then(lambda done: done.value()[0])
