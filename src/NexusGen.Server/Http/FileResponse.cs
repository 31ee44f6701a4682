namespace NexusGen.Server.Http;

/// <summary>Marks an endpoint that sends a file.</summary>
/// <param name="MediaTypes">The media types.</param>
internal sealed record FileResponse(params string[] MediaTypes);
