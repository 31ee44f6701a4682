using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>A change that was said, and what comes of it.</summary>
/// <param name="Text">The instruction, without capital and final mark.</param>
/// <param name="Result">The scene after it.</param>
/// <param name="Touched">The cells that it changes; null where it changes the background alone.</param>
internal sealed record SceneChange(string Text, Scene Result, IReadOnlySet<Cell>? Touched)
{
    /// <summary>The object that the instruction means; null where it means none that was there.</summary>
    public ObjectFilter? Meant { get; init; }
}
