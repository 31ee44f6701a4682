using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>A change of a scene and how it is said.</summary>
/// <param name="Intent">The intent without "edit.".</param>
/// <param name="Slots">What the request talks about.</param>
/// <param name="Result">The scene after it.</param>
internal sealed record Change(string Intent, Slots Slots, ThingScene Result)
{
    /// <summary>Gets the mentions that must mean things of the scene.</summary>
    public ImmutableArray<Mention> Meant { get; init; } = [];

    /// <summary>Gets the cells that change.</summary>
    public ImmutableArray<Cell> Touched { get; init; } = [];

    /// <summary>Gets the cell of the one thing that is spoken of afterwards, or null for none.</summary>
    public Cell? Focus { get; init; }
}
