namespace NexusGen.Server.Http;

/// <summary>Marks an endpoint whose form has images.</summary>
internal sealed record FormImages
{
    /// <summary>The media type of the form.</summary>
    public const string MediaType = "multipart/form-data";
}
