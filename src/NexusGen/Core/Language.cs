namespace NexusGen.Core;

/// <summary>The language of the template that a description is put into before it is drawn.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese.</summary>
    Chinese,
}
