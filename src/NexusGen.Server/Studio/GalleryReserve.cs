namespace NexusGen.Server.Studio;

/// <summary>
/// Space on the gallery's disk that is released when the disk is full, because deleting an image needs some: SQLite writes the
/// changed pages to its log first.
/// </summary>
/// <param name="path">The file that holds the space, or null for none.</param>
/// <param name="bytes">The size, at least that of a large image.</param>
internal sealed class GalleryReserve(string? path, int bytes)
{
    /// <summary>Takes the space, unless there is too little.</summary>
    public void Fill()
    {
        if (path is null)
        {
            return;
        }

        try
        {
            if (new FileInfo(path) is { Exists: true } file && file.Length == bytes)
            {
                return;
            }

            // Written and not only reserved: a file system need not keep space for a file with holes.
            File.WriteAllBytes(path, new byte[bytes]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Release();
        }
    }

    /// <summary>Releases the space.</summary>
    /// <returns>true if there was any; otherwise, false.</returns>
    public bool Release()
    {
        try
        {
            if (path is null || !File.Exists(path))
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
