namespace NexusGen.Worlds.Core;

/// <summary>The languages that the world's grammar speaks.</summary>
public enum TextLanguage
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese, in simplified characters.</summary>
    Chinese,
}
