namespace NexusGen.Worlds.Scenes;

/// <summary>The eight shapes of the world. Their outlines are in <see cref="Worlds.Rendering.Outlines"/>.</summary>
public enum Shape
{
    /// <summary>A filled circle.</summary>
    Circle,

    /// <summary>An upright square.</summary>
    Square,

    /// <summary>A triangle that points up.</summary>
    Triangle,

    /// <summary>A five-pointed star.</summary>
    Star,

    /// <summary>A circle with a round hole, through which the background shows.</summary>
    Ring,

    /// <summary>A square on its corner, narrower than it is tall.</summary>
    Diamond,

    /// <summary>An upright cross of two equal bars.</summary>
    Cross,

    /// <summary>A heart.</summary>
    Heart,
}
