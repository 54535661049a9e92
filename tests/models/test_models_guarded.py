"""Under the guard, as in the server: the backends reach their server and try nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf

from lsp_debugger import spawn

SUPPORT = Path(__file__).resolve().parent.parent / "support"
SCRIPT = """
import asyncio, logging, shutil, sys, tempfile
from pathlib import Path

logging.basicConfig(stream=sys.stdout, format="LOG %(message)s")
sys.path.insert(0, {support!r})
from clearing import real_gate
from lsp_debugger import guard
from lsp_debugger.core.model import Endpoint, Sampling
from lsp_debugger.models.llamacpp import LlamaCppBackend
from lsp_debugger.models.ollama import OllamaBackend
from lsp_debugger.models.openai_compat import OpenAiBackend
from lsp_debugger.state import State
from model_server import Model, ModelServer

guard.install()

async def main():
    place = tempfile.mkdtemp(prefix="lspd-")
    with ModelServer(models=[Model("coder:7b")]) as server:
        backend = {backend}
        async with real_gate(Path(place)) as clear:
            cleared = await clear(await backend.describe())
            said = [chunk.text async for chunk in backend.complete(cleared, Sampling(max_tokens=4))]
        await backend.aclose()
        print("said", bool("".join(said)))
    shutil.rmtree(place)

asyncio.run(main())
"""
BACKENDS = {
    "ollama": 'OllamaBackend(Endpoint("ollama", server.url), "coder:7b")',
    "openai": 'OpenAiBackend(Endpoint("openai", server.url + "/v1"), local_hosts=(server.url,))',
    "llamacpp": "LlamaCppBackend(State(place), Path({gguf!r}), context_tokens=2048, threads=1)",
}


@pytest.mark.parametrize("name", BACKENDS)
def test_a_question_passes_the_guard_and_nothing_is_refused(name: str, tmp_path: Path) -> None:
    if name == "llamacpp" and importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("needs the engine: pip install 'lsp-debugger[llamacpp]'")
    gguf = write_tiny_gguf(tmp_path / "tiny.gguf")
    script = SCRIPT.format(support=str(SUPPORT), backend=BACKENDS[name].format(gguf=str(gguf)))
    done = spawn.run_blocking([sys.executable, "-W", "error", "-c", script], cwd=tmp_path, timeout_s=60)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert done.stdout.decode() == "said True\n"
