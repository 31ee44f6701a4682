namespace NexusGen.Worlds.Tasks;

/// <summary>What a sample asks for.</summary>
public enum WorldTask
{
    /// <summary>Questions about pictures.</summary>
    Understand,

    /// <summary>Pictures from texts.</summary>
    Generate,

    /// <summary>Changes of pictures.</summary>
    Edit,

    /// <summary>Conversation about the world, without pictures.</summary>
    Talk,
}
