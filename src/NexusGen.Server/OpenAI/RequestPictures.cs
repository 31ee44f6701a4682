using Microsoft.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Server.Pictures;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// The pictures that a request brings. They are counted while the request is read, and decoded when it has its place: what waits
/// holds no pixels. All headers are looked at before the first picture is decoded: a small file may hold many pixels, and what is
/// refused must cost nothing.
/// </summary>
/// <param name="reader">Reads them.</param>
/// <param name="limits">The bounds.</param>
/// <param name="field">The request's field, for messages about all of them.</param>
internal sealed class RequestPictures(PictureReader reader, Limits limits, string field)
{
    private readonly List<Picture> _pictures = [];

    /// <summary>One more picture.</summary>
    /// <param name="address">A data URL, or an address on an allowed machine.</param>
    /// <param name="name">The request's field, for messages.</param>
    /// <returns>A content that has the picture once all are decoded.</returns>
    /// <exception cref="Http.ApiException">It is one too many, or can't be read from there.</exception>
    public AIContent Add(string? address, string name)
    {
        bool fetched = reader.IsElsewhere(address, name);
        return Add(new Picture(cancellation => reader.BytesAsync(address, name, cancellation), name) { IsFetched = fetched });
    }

    /// <summary>One more picture.</summary>
    /// <param name="read">Reads its file.</param>
    /// <param name="name">The request's field, for messages.</param>
    /// <param name="used">Whether its pixels are needed; else it is looked at like the others, and no more.</param>
    /// <returns>A content that has the picture once all are decoded.</returns>
    /// <exception cref="Http.ApiException">It is one too many.</exception>
    public AIContent Add(Func<CancellationToken, Task<byte[]>> read, string name, bool used = true) => Add(new Picture(read, name) { IsUsed = used });

    /// <summary>Reads and decodes them. To be called within the request's place.</summary>
    /// <param name="cancellationToken">Ends it between two pictures.</param>
    /// <returns>The pictures whose pixels are needed, in order.</returns>
    /// <exception cref="Http.ApiException">One can't be read or fetched, or they are too large together.</exception>
    public async Task<IReadOnlyList<RgbImage>> DecodeAsync(CancellationToken cancellationToken)
    {
        List<byte[]> files = [];
        long pixels = 0, fetched = 0;
        foreach (Picture picture in _pictures)
        {
            byte[] file = await picture.Read(cancellationToken).ConfigureAwait(false);
            limits.FetchedBytes(fetched += picture.IsFetched ? file.Length : 0, field);
            limits.Pixels(pixels += reader.Pixels(file, picture.Name), field);
            files.Add(file);
        }

        List<RgbImage> images = [];
        foreach ((int i, Picture picture) in _pictures.Index().Where(picture => picture.Item.IsUsed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RgbImage image = reader.Decode(files[i], picture.Name);
            picture.Content.RawRepresentation = image;
            images.Add(image);
        }

        return images;
    }

    private AIContent Add(Picture picture)
    {
        limits.Pictures(_pictures.Count + 1, field);
        _pictures.Add(picture);
        return picture.Content;
    }

    private sealed record Picture(Func<CancellationToken, Task<byte[]>> Read, string Name)
    {
        public bool IsFetched { get; init; }

        public bool IsUsed { get; init; } = true;

        public AIContent Content { get; } = ChatMessages.Content(null);
    }
}
