namespace NexusGen.Worlds.Scenes;

/// <summary>The two sizes of objects.</summary>
public enum ObjectSize
{
    /// <summary>20 pixels across in a picture of side 112.</summary>
    Small,

    /// <summary>30 pixels across in a picture of side 112; the canonical one.</summary>
    Big,
}
