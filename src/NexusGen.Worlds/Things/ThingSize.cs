namespace NexusGen.Worlds.Things;

/// <summary>The three sizes of things. The longer side of a thing is the sprite's side less a pixel or two.</summary>
public enum ThingSize
{
    /// <summary>A sprite of 34 pixels a side.</summary>
    Small,

    /// <summary>A sprite of 48 pixels a side.</summary>
    Medium,

    /// <summary>A sprite of 64 pixels a side; the canonical size.</summary>
    Big,
}
