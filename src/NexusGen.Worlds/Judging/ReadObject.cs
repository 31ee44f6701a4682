using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>An object that was read out of a picture.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Size">Its size.</param>
/// <param name="Cell">The cell whose middle is nearest.</param>
/// <param name="CenterX">The middle of its box, in pixels of side 112 from the left.</param>
/// <param name="CenterY">The same from the top.</param>
/// <param name="Fit">How well its outline fits, 0 to 1: the share that outline and object have in common.</param>
public sealed record ReadObject(
    Shape Shape, Colour Colour, ObjectSize Size, Cell Cell, double CenterX, double CenterY, double Fit) : IReadObject
{
    /// <summary>The same as an object of a scene, without its jitter.</summary>
    /// <returns>The object.</returns>
    public SceneObject ToObject() => new(Shape, Colour, Size, Cell);

    /// <inheritdoc/>
    public override string ToString() => ToObject().ToString();
}
