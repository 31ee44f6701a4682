namespace NexusGen.Hub.Core;

/// <summary>A site that models are fetched from.</summary>
public enum HubSite
{
    /// <summary>The Hugging Face Hub, or a mirror of it.</summary>
    HuggingFace,

    /// <summary>ModelScope.</summary>
    ModelScope,
}
