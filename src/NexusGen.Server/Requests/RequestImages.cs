using NexusGen.Imaging;
using NexusGen.Server.Http;
using NexusGen.Server.Images;

namespace NexusGen.Server.Requests;

/// <summary>
/// The images that a request brings. They are counted while the request is parsed, and decoded when it has its slot: a waiting
/// request holds no pixels. All headers are checked before the first image is decoded: a small file may hold many pixels, and a
/// refused request must cost nothing.
/// </summary>
/// <param name="reader">Reads the images.</param>
/// <param name="limits">The limits.</param>
/// <param name="field">The field of the request, for messages about all images.</param>
internal sealed class RequestImages(ImageReader reader, Limits limits, string field)
{
    private readonly List<Source> _sources = [];
    private readonly HashSet<RequestImage> _leftOut = [];

    /// <summary>Adds an image.</summary>
    /// <param name="address">
    /// A data URL, the address of an image that this server keeps, or an address on an allowed host.
    /// </param>
    /// <param name="name">The field of the request, for messages.</param>
    /// <param name="used">true if its pixels are needed; otherwise its header is checked but it is not decoded.</param>
    /// <returns>The image, which has pixels after <see cref="DecodeAsync"/> if it is used.</returns>
    /// <exception cref="ApiException">The address is not allowed.</exception>
    public RequestImage Add(string? address, string name, bool used = true)
    {
        (Func<CancellationToken, Task<byte[]>> read, bool isFetched) = reader.Open(address, name);
        return Add(new Source(read, name) { IsFetched = isFetched, IsUsed = used });
    }

    /// <summary>Adds an image.</summary>
    /// <param name="read">Reads its file.</param>
    /// <param name="name">The field of the request, for messages.</param>
    /// <param name="used">true if its pixels are needed; otherwise its header is checked but it is not decoded.</param>
    /// <returns>The image, which has pixels after <see cref="DecodeAsync"/> if it is used.</returns>
    public RequestImage Add(Func<CancellationToken, Task<byte[]>> read, string name, bool used = true) =>
        Add(new Source(read, name) { IsUsed = used });

    /// <summary>Reads and decodes the images. The request must have its slot.</summary>
    /// <param name="cancellationToken">Cancels between two images.</param>
    /// <returns>The images whose pixels are needed, in order.</returns>
    /// <exception cref="ApiException">
    /// An image can't be read or fetched, or the images are too many or too large together.
    /// </exception>
    public async Task<IReadOnlyList<RgbImage>> DecodeAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<byte[]> files = await ReadAsync(cancellationToken).ConfigureAwait(false);
        List<RgbImage> images = [];
        foreach ((int i, Source source) in _sources.Index().Where(source => source.Item.IsUsed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            images.Add(source.Image.Pixels = reader.Decode(files[i], source.Name));
        }

        return images;
    }

    /// <summary>
    /// Reads the files of the images and checks their headers, to decode them later: a request that waits longer than its client
    /// keeps the files, because what it refers to may be gone by then.
    /// </summary>
    /// <param name="cancellationToken">Cancels between two images.</param>
    /// <returns>The images whose pixels are needed, in order.</returns>
    /// <exception cref="ApiException">
    /// An image can't be read or fetched, or the images are too many or too large together.
    /// </exception>
    public async Task<IReadOnlyList<RequestImage>> KeepAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<byte[]> files = await ReadAsync(cancellationToken).ConfigureAwait(false);
        List<RequestImage> images = [];
        foreach ((int i, Source source) in _sources.Index().Where(source => source.Item.IsUsed))
        {
            byte[] file = source.Image.File = files[i];
            source.Read = _ => Task.FromResult(file);
            images.Add(source.Image);
        }

        return images;
    }

    /// <summary>Leaves out an image: it is neither read nor decoded.</summary>
    public void LeaveOut(RequestImage image) => _leftOut.Add(image);

    private async Task<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken)
    {
        _sources.RemoveAll(source => _leftOut.Contains(source.Image));
        limits.Images(_sources.Count, field);
        List<byte[]> files = [];
        long pixels = 0, fetched = 0;
        foreach (Source source in _sources)
        {
            byte[] file = await source.Read(cancellationToken).ConfigureAwait(false);
            limits.FetchedBytes(fetched += source.IsFetched ? file.Length : 0, field);
            limits.Pixels(pixels += reader.Pixels(file, source.Name), field);
            files.Add(file);
        }

        return files;
    }

    private RequestImage Add(Source source)
    {
        _sources.Add(source);
        return source.Image;
    }

    // Apart from the image, which a kept conversation holds longer than the file.
    private sealed class Source(Func<CancellationToken, Task<byte[]>> read, string name)
    {
        public Func<CancellationToken, Task<byte[]>> Read { get; set; } = read;

        public string Name => name;

        public bool IsFetched { get; init; }

        public bool IsUsed { get; init; } = true;

        public RequestImage Image { get; } = new();
    }
}
