using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Tasks;

/// <summary>
/// A conversation about scenes with the one right ending: its last turn is the expected reply, and where that draws, the last
/// scene is the expected one.
/// </summary>
/// <param name="Task">What is asked for.</param>
/// <param name="Category">The kind of question, text or edit.</param>
/// <param name="Language">The language of all turns.</param>
/// <param name="Turns">The turns; user and model alternate.</param>
/// <param name="Pictures">The scenes of the pictures, in the order of their marks over all turns.</param>
public sealed record WorldSample(
    WorldTask Task, string Category, TextLanguage Language, ImmutableArray<WorldTurn> Turns, ImmutableArray<Scene> Pictures)
{
    /// <summary>Where a picture stands in a text, as in the official training data.</summary>
    public const string ImageMark = "<image>";

    /// <summary>The expected reply.</summary>
    public string Reply => Turns[^1].Text;

    /// <summary>The scene that is to be drawn; null where nothing is.</summary>
    public Scene? Target => Task is WorldTask.Generate or WorldTask.Edit ? Pictures[^1] : null;

    /// <summary>The scene that is changed; null where none is.</summary>
    public Scene? Source => Task == WorldTask.Edit ? Pictures[^2] : null;
}
