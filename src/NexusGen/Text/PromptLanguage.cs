namespace NexusGen.Text;

/// <summary>The languages that the model was taught to draw in.</summary>
public enum PromptLanguage
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese.</summary>
    Chinese,
}
