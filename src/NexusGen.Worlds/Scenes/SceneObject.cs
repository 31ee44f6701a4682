namespace NexusGen.Worlds.Scenes;

/// <summary>
/// One object of a scene, exactly. Jitter moves it off the middle of its cell, in quarters of a pixel of a picture of side
/// 112, at most <see cref="MaxJitter"/> each way: little enough that objects never touch.
/// </summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Size">Its size.</param>
/// <param name="Cell">Where it stands.</param>
/// <param name="JitterX">Quarter pixels to the right.</param>
/// <param name="JitterY">Quarter pixels down.</param>
public readonly record struct SceneObject(
    Shape Shape, Colour Colour, ObjectSize Size, Cell Cell, int JitterX = 0, int JitterY = 0) : IGridObject<SceneObject>
{
    /// <summary>The largest jitter: 8 quarters, so 2 pixels at side 112.</summary>
    public const int MaxJitter = 8;

    static int IGridObject<SceneObject>.JitterLimit => MaxJitter;

    /// <summary>The same object in the middle of its cell.</summary>
    public SceneObject Centered => this with { JitterX = 0, JitterY = 0 };

    /// <inheritdoc/>
    public SceneObject WithJitter(int x, int y) => this with { JitterX = x, JitterY = y };

    /// <summary>A short name, for instance <c>big red star@0,2</c>, and <c>big red star@0,2+3-4</c> with jitter.</summary>
    /// <returns>The name.</returns>
    public override string ToString()
    {
        string name = $"{Size} {Colour} {Shape}@{Cell.Row},{Cell.Column}".ToLowerInvariant();
        return JitterX == 0 && JitterY == 0 ? name : $"{name}{JitterX:+0;-0;+0}{JitterY:+0;-0;+0}";
    }
}
