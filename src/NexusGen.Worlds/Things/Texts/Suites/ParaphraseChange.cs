using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>One change of a scene. What it doesn't name stays as it is.</summary>
/// <param name="Do"><c>add</c>, <c>remove</c>, <c>replace</c>, <c>recolour</c>, <c>resize</c>, <c>move</c>, <c>ground</c> or
/// <c>swap</c>.</param>
/// <param name="Things">The indices of the things of the scene that are changed.</param>
/// <param name="Thing">The thing that is added.</param>
/// <param name="By">What a thing is replaced by.</param>
/// <param name="Colour">The id of the new colour.</param>
/// <param name="Size">The id of the new size, or <c>bigger</c> or <c>smaller</c>.</param>
/// <param name="Cell">The id of the new cell.</param>
/// <param name="Relation">How the added thing stands to <paramref name="Other"/>.</param>
/// <param name="Other">The index of the thing that <paramref name="Relation"/> refers to.</param>
/// <param name="Ground">The id of the new background.</param>
public sealed record ParaphraseChange(
    string Do, ImmutableArray<int> Things = default, ParaphraseThing? Thing = null, ParaphraseThing? By = null,
        string? Colour = null,
    string? Size = null, string? Cell = null, string? Relation = null, int? Other = null, string? Ground = null);
