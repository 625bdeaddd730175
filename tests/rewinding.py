"""State machines whose examples all begin with the same rows."""

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine


class RewindingMachine(RuleBasedStateMachine):
    """Takes back at its end whatever an example wrote: cheaper than making all rows anew.

    For tests that run in one transaction. What is taken back leaves no dead rows that later
    examples would have to read past, as deleting in that transaction would.
    """

    def __init__(self) -> None:
        super().__init__()
        self._beginning = transaction.savepoint()

    def teardown(self) -> None:
        """Also after an error, which leaves the transaction refused."""
        transaction.set_rollback(False)
        transaction.savepoint_rollback(self._beginning)
