namespace NexusGen.Server.Http;

/// <summary>Marks an endpoint that sends a file.</summary>
/// <param name="MediaTypes">The media types.</param>
internal sealed record FileResponse(params string[] MediaTypes);

/// <summary>Marks an endpoint that can send events in place of one response.</summary>
/// <param name="Type">The type of an event's data.</param>
internal sealed record EventResponse(Type Type);

/// <summary>Marks an endpoint whose form has images.</summary>
internal sealed record FormImages
{
    /// <summary>The media type of the form.</summary>
    public const string MediaType = "multipart/form-data";
}
