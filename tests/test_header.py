from rlm_tui.header import FORMAT, DocumentRef, Header

ONE, TWO = DocumentRef("/a.log", 3, "aa"), DocumentRef("/b.log", 4, "bb")


def header(**more) -> Header:
    return Header(
        format=FORMAT,
        run="0123456789ab",
        started="2026-03-14T09:26:53.589+00:00",
        program="0.1.0",
        question="?",
        document=ONE,
        model="m",
        sub_model="s",
        **more,
    )


def test_a_run_about_one_document_has_one():
    assert header().documents == [ONE]


def test_the_first_of_several_documents_comes_first():
    assert header(more_documents=[TWO]).documents == [ONE, TWO]


def test_an_original_has_no_parent():
    assert (header().parent, header().parent_event) == (None, None)


def test_a_title_calls_a_branch_by_the_name_that_its_user_gave_it():
    assert (header().label, header(name="mine").label) == ("run 0123", "mine · run 0123")
    assert header(name="a" * 40).label == f"{'a' * 23}… · run 0123"
