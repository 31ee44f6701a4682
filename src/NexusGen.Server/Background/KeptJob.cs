namespace NexusGen.Server.Background;

/// <summary>A job as the store keeps it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Status">The state.</param>
/// <param name="Request">What is asked.</param>
/// <param name="Response">The response as JSON, or null while the job is unfinished.</param>
internal sealed record KeptJob(string Id, string Kind, string Status, byte[] Request, byte[]? Response);
