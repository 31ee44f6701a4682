namespace NexusGen.Server.Background;

/// <summary>The states of background work, as OpenAI's Responses API names them.</summary>
internal static class BackgroundStatus
{
    /// <summary>It waits for its turn.</summary>
    public const string Queued = "queued";

    /// <summary>It runs.</summary>
    public const string InProgress = "in_progress";

    /// <summary>It has its result.</summary>
    public const string Completed = "completed";

    /// <summary>It was cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It failed.</summary>
    public const string Failed = "failed";

    /// <summary>Returns whether work in a state goes on.</summary>
    public static bool IsUnfinished(string status) => status is Queued or InProgress;
}
