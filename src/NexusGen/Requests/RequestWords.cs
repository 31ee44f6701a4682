namespace NexusGen.Requests;

/// <summary>The words by which requests in JSON name actions and fits.</summary>
internal static class RequestWords
{
    /// <summary>The actions, for messages.</summary>
    public const string Actions = "auto, draw, edit or ask";

    /// <summary>The fits, for messages.</summary>
    public const string Fits = "contain, cover or exact";

    /// <summary>Parses an action; <see cref="ChatAction.Auto"/> without one. Returns null if there is no such action.</summary>
    public static ChatAction? Action(string? word) => word switch
    {
        null or "auto" => ChatAction.Auto,

        // OpenAI's word for the action of its image tool.
        "draw" or "generate" => ChatAction.Draw,
        "edit" => ChatAction.Edit,
        "ask" => ChatAction.Ask,
        _ => null,
    };

    /// <summary>Parses a fit; <see cref="SizeFit.Contain"/> without one. Returns null if there is no such fit.</summary>
    public static SizeFit? Fit(string? word) => word switch
    {
        null or "contain" => SizeFit.Contain,
        "cover" => SizeFit.Cover,
        "exact" => SizeFit.Exact,
        _ => null,
    };
}
