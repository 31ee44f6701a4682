namespace NexusGen.Server.Studio;

/// <summary>The images that are connected with an image by edits, or because they answer the same turn.</summary>
/// <param name="Pictures">The images, the earliest first. The source of an image is before it, unless it was deleted.</param>
/// <param name="More">Whether there are more images than are returned. The nearest ones are.</param>
internal sealed record GalleryFamily(IReadOnlyList<GalleryPicture> Pictures, bool More);
