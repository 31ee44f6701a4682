using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>A case of the suite. By kind: <c>draw</c> and <c>allowed</c> have a text and a picture, <c>edit</c> a scene, a text
/// and changes, <c>ask</c> a scene, a text and an answer, <c>limit</c> a text that must be refused in words, and <c>talk</c>
/// turns.</summary>
/// <param name="Id">The name, for instance <c>en-draw-001</c>.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Text">What the user says.</param>
/// <param name="Scene">The picture that it is said of.</param>
/// <param name="Picture">What the picture must show.</param>
/// <param name="Changes">What must change in the scene.</param>
/// <param name="Answer">What the answer must say.</param>
/// <param name="About">What can't be done.</param>
/// <param name="Turns">The turns of a conversation.</param>
/// <param name="Of">For a case with a typo, the case that it was made of.</param>
public sealed record ParaphraseCase(
    string Id, string Kind, string? Text = null, ParaphrasePicture? Scene = null, ParaphrasePicture? Picture = null,
    ImmutableArray<ParaphraseChange> Changes = default, ParaphraseAnswer? Answer = null, string? About = null,
    ImmutableArray<ParaphraseTurn> Turns = default, string? Of = null);
