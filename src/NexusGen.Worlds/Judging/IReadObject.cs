using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>An object that was read out of a picture of either world.</summary>
internal interface IReadObject
{
    /// <summary>The cell whose middle is nearest.</summary>
    Cell Cell { get; }

    /// <summary>The middle of its box, in pixels from the left.</summary>
    double CenterX { get; }

    /// <summary>The middle of its box, in pixels from the top.</summary>
    double CenterY { get; }
}
