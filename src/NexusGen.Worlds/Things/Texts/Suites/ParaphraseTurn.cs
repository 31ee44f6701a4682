namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>What a user says in a conversation and what must come back.</summary>
/// <param name="Text">What the user says.</param>
/// <param name="Reply"><c>picture</c>, <c>words</c>, or <c>refusal</c> for words that say what can't be done.</param>
/// <param name="Picture">What the picture must show.</param>
/// <param name="Answer">What the words must say; anything if null.</param>
public sealed record ParaphraseTurn(string Text, string Reply, ParaphrasePicture? Picture = null,
    ParaphraseAnswer? Answer = null);
