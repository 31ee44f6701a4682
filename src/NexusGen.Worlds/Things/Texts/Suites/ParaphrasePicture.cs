using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>A picture, or what one must show: these things and no others.</summary>
/// <param name="Things">The things.</param>
/// <param name="Relations">How they must stand; none if default.</param>
/// <param name="Ground">The id of the background; any if null.</param>
public sealed record ParaphrasePicture(
    ImmutableArray<ParaphraseThing> Things, ImmutableArray<ParaphraseRelation> Relations = default, string? Ground = null);
