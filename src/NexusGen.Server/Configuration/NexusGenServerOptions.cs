namespace NexusGen.Server.Configuration;

/// <summary>
/// The options of the server: access, limits and timeouts. They are bound from configuration, and validated when the host starts.
/// </summary>
public sealed class NexusGenServerOptions
{
    /// <summary>
    /// Gets or sets the name of the model in requests and responses, or null for the name of its folder. Other names are refused.
    /// </summary>
    public string? ModelId { get; set; }

    /// <summary>Gets the API keys. If there are any, each request must send one, as <c>Authorization: Bearer …</c>.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>Gets or sets the maximum number of requests that run at the same time.</summary>
    public int MaxRunning { get; set; } = 8;

    /// <summary>
    /// Gets or sets the maximum number of waiting requests. Further ones are refused at once, with the status 429.
    /// </summary>
    public int QueueLength { get; set; } = 64;

    /// <summary>
    /// Gets or sets the maximum number of waiting requests of one client. A client is a key, or an address if there are no keys.
    /// </summary>
    public int QueuePerClient { get; set; } = 16;

    /// <summary>
    /// Gets or sets the maximum number of open connections. Further ones are closed at once. It must be at least the number of
    /// running and waiting requests, and it applies to the whole web server unless that has its own limit.
    /// </summary>
    public int MaxConnections { get; set; } = 1000;

    /// <summary>
    /// Gets or sets the maximum number of open connections of one address, or of one /64 network of IPv6. Further ones are
    /// closed. Trusted proxies (<see cref="Proxies"/>) have no such limit.
    /// </summary>
    public int MaxConnectionsPerAddress { get; set; } = 250;

    /// <summary>
    /// Gets or sets the longest time that a request waits in the queue, and then the longest time without progress: a component
    /// that is loaded, a token, a denoising step.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets the time that running requests have to finish when the server stops.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the time that the model stays loaded after the last request, or null for no limit.</summary>
    public TimeSpan? Keep { get; set; }

    /// <summary>Gets or sets the maximum size of a request in bytes.</summary>
    public long MaxBodyBytes { get; set; } = 64 << 20;

    /// <summary>Gets or sets the maximum number of images that a request brings.</summary>
    public int MaxPictures { get; set; } = 16;

    /// <summary>
    /// Gets or sets the maximum number of pixels of an image that a request brings. It is checked before the image is decoded.
    /// </summary>
    public long MaxPicturePixels { get; set; } = 64_000_000;

    /// <summary>
    /// Gets or sets the maximum number of pixels of all images that a request brings: a running request holds them decoded, three
    /// bytes each. It is checked before the first image is decoded.
    /// </summary>
    public long MaxRequestPixels { get; set; } = 128_000_000;

    /// <summary>Gets or sets the maximum width and height of a generated image in pixels.</summary>
    public int MaxSide { get; set; } = 2048;

    /// <summary>Gets or sets the maximum number of images that a request generates.</summary>
    public int MaxCount { get; set; } = 10;

    /// <summary>Gets or sets the maximum number of denoising steps of an image.</summary>
    public int MaxSteps { get; set; } = 100;

    /// <summary>Gets or sets the maximum number of tokens of a reply.</summary>
    public int MaxTokens { get; set; } = 4096;

    /// <summary>Gets or sets the maximum number of characters of all texts of a request.</summary>
    public int MaxTextLength { get; set; } = 100_000;

    /// <summary>
    /// Gets the hosts from which images can be fetched, as <c>host</c> or <c>host:port</c>. If empty, none are fetched. Addresses
    /// inside the local network are refused unless they are listed as IP addresses.
    /// </summary>
    public IList<string> PictureHosts { get; } = [];

    /// <summary>Gets the folders from which callers of the tools (MCP) can read images by path. If empty, they can't.</summary>
    public IList<string> Folders { get; } = [];

    /// <summary>
    /// Gets or sets the folder of LoRA files and adapters that requests can name, or null for none. A name is a file's path
    /// within the folder without its extension.
    /// </summary>
    public string? Loras { get; set; }

    /// <summary>
    /// Gets the origins of other web pages that may use this server from a browser, as <c>https://name</c>. If empty, none may.
    /// </summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Gets the host names of this server, besides those of its machine, if it has no keys.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>
    /// Gets the proxies in front of this server, as addresses or networks (<c>10.0.0.0/8</c>). Only their headers
    /// <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are trusted, for the caller's address, the scheme and the host. If
    /// empty, none are.
    /// </summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>Gets or sets the time during which a generated image can be fetched by its address.</summary>
    public TimeSpan PictureLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets the maximum number of bytes of images and conversations in memory for later requests. The oldest are removed
    /// first.
    /// </summary>
    public long StoreBytes { get; set; } = 256 << 20;

    /// <summary>
    /// Gets or sets the SQLite file of the studio's gallery, or null to keep it in memory until the server stops.
    /// </summary>
    public string? Gallery { get; set; }

    /// <summary>Gets or sets the maximum number of bytes of the gallery's images. The oldest are removed first.</summary>
    public long GalleryBytes { get; set; } = 8L << 30;

    /// <summary>
    /// Gets or sets the SQLite file of the background work, or null to keep it in memory until the server stops. A server
    /// computes what an earlier one left unfinished in its file. If another server uses the file, the work is kept in memory.
    /// </summary>
    public string? Background { get; set; }

    /// <summary>
    /// Gets or sets the maximum number of bytes of the background work: requests with their images, and responses. The oldest
    /// responses are removed first.
    /// </summary>
    public long BackgroundBytes { get; set; } = 1L << 30;

    /// <summary>Gets or sets the time for which responses of the background are kept.</summary>
    public TimeSpan BackgroundLifetime { get; set; } = TimeSpan.FromDays(7);
}
