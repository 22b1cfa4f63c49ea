"""Which models a run uses, by role and depth, and the client behind each name.

A name is `offline`, `scripted:PATH`, `recorded:SESSION`, or a model name of litellm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rlm_tui.config import Settings
from rlm_tui.engine.models.client import ModelClient, ModelRequest
from rlm_tui.engine.models.recorded import PastModel, RecordedModel
from rlm_tui.engine.models.scripted import ScriptedModel
from rlm_tui.errors import UsageError
from rlm_tui.events import Record
from rlm_tui.spelling import nearest

OFFLINE = "offline"
ROLES = ("root", "sub", "fast")


class ModelBook:
    """The models of one run. Clients are made once, when they are first needed."""

    def __init__(
        self,
        settings: Settings,
        *,
        read_records: Callable[[Path], Sequence[Record]],
        typing_pace: float = 0.0,
        past: Sequence[Record] | None = None,
    ) -> None:
        """Choose the models.

        Args:
            settings: names them.
            read_records: reads the events of a session, for `recorded:`.
            typing_pace: seconds between the words of the offline model.
            past: events whose requests are answered as they were; of a branch.
        """
        self.root = settings.root_model
        self.sub = settings.query_model
        self.fast = settings.fast_model or self.sub
        self._settings = settings
        self._read_records = read_records
        self._typing_pace = typing_pace
        self._past = (
            RecordedModel(past, "the recording", knows_nodes=True) if past is not None else None
        )
        self._clients: dict[str, ModelClient] = {}

    @property
    def names(self) -> list[str]:
        """The models in use, each once, the root model first."""
        return list(dict.fromkeys((self.root, self.sub, self.fast)))

    def name_for(self, asked: str | None, depth: int) -> str:
        """The model for a request.

        Args:
            asked: what the code named: None, a role, or one of the names in use.
            depth: of the loop whose model is wanted, or of the code that makes a sub-call plus 1.

        Raises:
            UsageError: the code named a model that the user did not choose. Code cannot spend on
                models that nobody allowed.
        """
        if asked is None:
            return self.sub if depth else self.root
        chosen = {"root": self.root, "sub": self.sub, "fast": self.fast}.get(asked)
        if chosen is not None:
            return chosen
        if asked in self.names:
            return asked
        known = [*ROLES, *self.names]
        raise UsageError(
            f"model={asked!r} is not one of this run's models ({', '.join(known)})."
            f"{nearest(asked, known)}"
        )

    def client(self, name: str) -> ModelClient:
        """The client behind a name. Raises UsageError when a script or session cannot be used."""
        kind, colon, rest = name.partition(":")
        key = name if name == OFFLINE or (colon and kind in {"scripted", "recorded"}) else "litellm"
        if key not in self._clients:
            made = self._make(key, rest)
            self._clients[key] = made if self._past is None else PastModel(self._past, made)
        return self._clients[key]

    def _make(self, key: str, rest: str) -> ModelClient:
        if key == OFFLINE:
            from rlm_tui.engine.models.offline import OfflineModel  # noqa: PLC0415 - if needed

            return OfflineModel(self._typing_pace)
        if key.startswith("scripted:"):
            return ScriptedModel(Path(rest))
        if key.startswith("recorded:"):
            return RecordedModel(self._read_records(Path(rest)), rest)
        from rlm_tui.engine.models.providers import Providers  # noqa: PLC0415 - if needed

        return Providers(api_base=self._settings.api_base, timeout=self._settings.timeout)

    def pass_over(self, request: ModelRequest) -> None:
        """A request of a loop is not made, since what came of it is known."""
        client = self.client(request.model)
        if isinstance(client, PastModel):
            client.pass_over(request)

    def check(self) -> None:
        """Raise UsageError when a script or session that is named cannot be used."""
        for name in self.names:
            self.client(name)

    async def recognise(self) -> None:
        """Raise UsageError when a model's name means nothing to its client; loads the client."""
        for client, names in self._by_client():
            await client.recognise(names)

    async def prepare(self) -> None:
        """Make every client ready for its first request. Raises ModelError."""
        for client, names in self._by_client():
            await client.prepare(names)

    async def close(self) -> None:
        """Let go of what the clients keep open."""
        for client, _ in self._by_client():
            await client.close()

    def _by_client(self) -> list[tuple[ModelClient, list[str]]]:
        names: dict[int, list[str]] = {}
        clients: dict[int, ModelClient] = {}
        for name in self.names:
            client = self.client(name)
            clients[id(client)] = client
            names.setdefault(id(client), []).append(name)
        return [(client, names[key]) for key, client in clients.items()]
