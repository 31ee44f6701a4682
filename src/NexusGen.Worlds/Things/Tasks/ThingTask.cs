namespace NexusGen.Worlds.Things.Tasks;

/// <summary>What a sample of the world of things asks for.</summary>
public enum ThingTask
{
    /// <summary>Questions about images.</summary>
    Understand,

    /// <summary>Images from texts.</summary>
    Generate,

    /// <summary>Changes of images.</summary>
    Edit,

    /// <summary>Conversation about the world, and requests that it can't fulfil.</summary>
    Talk,

    /// <summary>Conversations of several turns that mix all of them.</summary>
    Converse,
}
