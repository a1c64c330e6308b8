import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    'import os\nos.system("ping " + host)',
    'import os\nos.popen(f"ping {host}")',
    'import subprocess\nsubprocess.run("ping %s" % host, shell=True)',
    'from subprocess import check_output\ncheck_output("ping {}".format(host), shell=True)',
    "import subprocess\nsubprocess.getoutput(command)",
    'import os\nline = "ping "\nline += host\nos.system(line)',
]
SAFE = [
    'import subprocess\nsubprocess.run(["ping", host])',
    'import subprocess\nsubprocess.run("ls -l", shell=True)',
    'import os\nos.system("clear")',
    'import os\nline = "ls" + " -l"\nos.system(line)',
    'import os, shlex\nos.system("ping " + shlex.quote(host))',
    'import os\nos.system(f"kill {int(number)}")',
]


@pytest.mark.parametrize("source", WEAK)
def test_a_value_that_the_shell_reads_is_found(source: str) -> None:
    assert in_python("CommandInjection", source)


@pytest.mark.parametrize("source", SAFE)
def test_arguments_constants_and_quoted_values_are_not(source: str) -> None:
    assert not in_python("CommandInjection", source)
