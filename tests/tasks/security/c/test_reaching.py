import pytest

from tests.tasks.security.reading import in_c

START = "int main(int argc, char *argv[]) { char *name = argv[1]; char line[200]; FILE *file;\n"
COMMANDS_WEAK = [
    'sprintf(line, "ls %s", name); system(line);',
    'strcpy(line, "ls "); strcat(line, argv[1]); popen(line, "r");',
    "system(name);",
    "fgets(line, 200, stdin); system(line);",
    'system(getenv("TOOL"));',
    'sprintf(line, "ls %s", name); system(line); if (strchr(name, 59)) { return 1; }',
    'file = popen("date", "r"); fgets(line, 200, file); if (strchr(line, 58)) { return 1; } system(name);',
]
COMMANDS_SAFE = [
    'system("ls");',
    'sprintf(line, "ls %d", atoi(name)); system(line);',
    "for (char *c = name; *c; c++) { if (!isalnum(*c)) return 1; } system(name);",
    'if (strspn(name, "abc") != strlen(name)) return 1; sprintf(line, "id %s", name); system(line);',
    'execlp("ls", "ls", name, NULL);',
    'file = popen("date", "r"); fgets(line, 200, file); system("ls");',
]
PATHS_WEAK = [
    'sprintf(line, "/safe/%s", name); file = fopen(line, "r");',
    'file = fopen(argv[1], "r");',
    'if (strncmp(name, "/safe/", 6) == 0) { file = fopen(name, "r"); }',
    'strcpy(line, "/safe/"); strncat(line, name, 100); remove(line);',
]
PATHS_SAFE = [
    'if (strstr(name, "..")) return 1; sprintf(line, "/safe/%s", name); file = fopen(line, "r");',
    'if (strchr(name, 47) != NULL) { return 1; } sprintf(line, "/safe/%s", name); file = fopen(line, "r");',
    'realpath(name, line); if (strncmp(line, "/safe/", 6)) { return 1; } file = fopen(line, "r");',
    'file = fopen("/safe/list", "r");',
    'sprintf(line, "/safe/%d", atoi(name)); file = fopen(line, "r");',
]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        *(("ExecTainted", body) for body in COMMANDS_WEAK),
        *(("TaintedPath", body) for body in PATHS_WEAK),
    ],
)
def test_text_of_the_command_line_that_nothing_looked_at_is_found(query: str, body: str) -> None:
    assert in_c(query, f"{START}{body} return 0; }}")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        *(("ExecTainted", body) for body in COMMANDS_SAFE),
        *(("TaintedPath", body) for body in PATHS_SAFE),
    ],
)
def test_text_that_was_looked_at_and_constants_are_not(query: str, body: str) -> None:
    assert not in_c(query, f"{START}{body} return 0; }}")
