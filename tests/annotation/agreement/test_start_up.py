import subprocess
import sys

HEAVY = ("django", "scipy", "sklearn")


def test_agreement_imports_neither_django_nor_the_heavy_libraries() -> None:
    program = (
        "import sys, annotation.agreement.document;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (found.stdout, found.stderr) == ("[]\n", "")
