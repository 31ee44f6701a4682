namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>How two things of a picture must stand.</summary>
/// <param name="One">The index of the first thing.</param>
/// <param name="Is">The id of the relation.</param>
/// <param name="Other">The index of the second thing.</param>
public sealed record ParaphraseRelation(int One, string Is, int Other);
