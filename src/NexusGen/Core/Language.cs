namespace NexusGen.Core;

/// <summary>The language of the prompt template into which a description is inserted before an image is generated.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese.</summary>
    Chinese,
}
