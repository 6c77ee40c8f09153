//! The configuration as a folder of files, from a terminal, on both databases.

use super::Site;
use crate::access::Seat;
use crate::cli::Exit;
use crate::testing::On;
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_folder_is_exported_compared_and_applied_and_a_broken_one_changes_nothing(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let (ada, bob) = (site.app.ada().await, site.app.person("bob", Seat::Editor).await);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("house").display().to_string();
    let said = site.run(&ada, &["config", "export", &to]).await.done();
    assert_eq!(said.out.lines().count(), 5, "{said:?}");
    let said = site.run(&ada, &["config", "diff", &to]).await.done();
    assert_eq!(said.out.trim(), "The folder says what is in force.");
    let words = folder.path().join("house/words.toml");
    let text = std::fs::read_to_string(&words).unwrap();
    let ours = text.replace("\"retrospective\"", "\"postmortem\"");
    std::fs::write(&words, &ours).unwrap();
    let said = site.run(&ada, &["config", "diff", &to]).await.done();
    assert!(said.out.contains("+retrospective = \"postmortem\""), "{said:?}");
    let said = site.run(&ada, &["config", "apply", &to, "--check"]).await.done();
    assert!(said.out.contains("It would change: words.toml."), "{said:?}");
    assert_eq!(site.run(&bob, &["config", "apply", &to]).await.exit, Exit::NotAllowed);

    std::fs::write(&words, ours.replace("menu", "menue")).unwrap();
    let said = site.run(&ada, &["config", "apply", &to]).await;
    assert_eq!(said.exit, Exit::Usage, "{said:?}");
    assert!(
        said.error.contains("words.toml:5:1: there is no field `menue`; did you mean `menu`?"),
        "{said:?}"
    );
    std::fs::write(&words, &ours).unwrap();
    let apply = ["config", "apply", &to, "--note", "Our word"];
    let said = site.run(&ada, &apply).await.done();
    assert_eq!(said.out.trim(), "In force: words.toml.");
    let said = site.run(&ada, &apply).await.done();
    assert_eq!(said.out.trim(), "The folder says what is in force.");
    let none = folder.path().display().to_string();
    assert_eq!(site.run(&ada, &["config", "apply", &none]).await.exit, Exit::Usage);
}

#[rstest]
#[tokio::test]
async fn near_misses_projects_and_fields_from_a_terminal(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let site = Site::start(on).await;
    let ada = site.app.ada().await;
    let near = ["incidents", "near", "A day of orders nearly went.", "Noor counted."];
    let said = site.run(&ada, &near).await.done();
    assert!(said.out.starts_with("Thank you. It is INC-1, and stands here: http"), "{said:?}");
    let fields = site.run(&ada, &["retro", "fields", "INC-1"]).await.done();
    assert!(fields.out.contains("near-caught          –"), "{fields:?}");
    let set = ["retro", "fields", "INC-1", "--set", "near-caught=luck"];
    assert_eq!(site.run(&ada, &set).await.exit, Exit::Usage);
    let set = ["retro", "fields", "INC-1", "--set", "near-caught=lucky"];
    let fields = site.run(&ada, &set).await.done();
    assert!(fields.out.contains("near-caught          lucky"), "{fields:?}");
    let new = ["retro", "new", "Moving the ledger", "--why", "It went well", "--kind", "light"];
    let said = site.run(&ada, &new).await.done();
    assert!(said.out.starts_with("INC-2 is yours: http"), "{said:?}");
    let declare = ["incidents", "declare", "A launch", "--kind", "project"];
    assert_eq!(site.run(&ada, &declare).await.exit, Exit::Usage);
}
