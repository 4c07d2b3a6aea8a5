"""The preview of the cut in the real window."""


def test_preview_of_the_cut_comes_while_the_window_lives(play_artist):
    facts = play_artist("cut").facts
    assert facts["preview_shape"][2] == 4
    assert facts["preview_refreshed"] is True
    assert facts["images_added_by_preview"] == 0, "the preview is no datablock"
    print(
        f"largest gap of a 0.1 s timer at the preview: {facts['largest_gap_at_preview']} s "
        f"(idle: {facts['largest_gap_when_idle']} s)"
    )
    # What the machine does beside this delays an idle window, too.
    assert facts["largest_gap_at_preview"] < 1.0 + 2 * facts["largest_gap_when_idle"]
