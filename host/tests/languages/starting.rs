//! What goes wrong at the start of a project, and the way out.

use super::harness::Folder;

#[test]
fn a_project_that_is_there_is_left_alone() {
    let folder = Folder::new().with("shop/scenario.py", "mine");
    folder
        .vuelo(&["new", "shop", "--lang", "python"])
        .ends_with(104)
        .says("`shop` is there already");
    let mine = std::fs::read_to_string(folder.path().join("shop/scenario.py")).unwrap();
    assert_eq!(mine, "mine");
}

#[test]
fn a_folder_that_is_no_project_is_told_apart() {
    let folder = Folder::new();
    folder
        .vuelo(&["build"])
        .ends_with(104)
        .says("is no project")
        .says("vuelo new");
}

#[test]
fn a_name_or_language_that_there_is_not_is_told() {
    let folder = Folder::new();
    folder
        .vuelo(&["new", "My Shop", "--lang", "js"])
        .ends_with(104)
        .says("small letters");
    folder
        .vuelo(&["new", "shop", "--lang", "cobol"])
        .ends_with(104)
        .says("python");
}

#[test]
fn a_tool_that_is_missing_is_named_with_the_one_command_that_installs_it() {
    for (language, tool, install) in [
        ("js", "`node`", "apt-get install nodejs npm"),
        (
            "python",
            "`componentize-py`",
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        ),
        ("c", "`clang`", "apt-get install clang lld wasi-libc"),
        ("go", "`go`", "pip install -r requirements.txt"),
        ("rust", "`cargo`", "sh.rustup.rs"),
    ] {
        let folder = Folder::new();
        folder
            .vuelo(&["new", "shop", "--lang", language])
            .ends_with(0);
        let output = folder
            .command(&["build", "shop"])
            .env("PATH", folder.path())
            .output()
            .unwrap();
        super::harness::Ran::new(output)
            .ends_with(104)
            .says(tool)
            .says(install);
    }
}

#[test]
fn what_a_language_s_own_tool_says_of_a_mistake_is_shown() {
    let folder = Folder::new();
    folder
        .vuelo(&["new", "shop", "--lang", "rust"])
        .ends_with(0);
    std::fs::write(folder.path().join("shop/src/lib.rs"), "fn broken(").unwrap();
    let output = super::projects::vuelo()
        .current_dir(folder.path())
        .args(["build", "shop"])
        .output()
        .unwrap();
    super::harness::Ran::new(output)
        .ends_with(104)
        .says("cargo failed")
        .says("src/lib.rs:1");
}
