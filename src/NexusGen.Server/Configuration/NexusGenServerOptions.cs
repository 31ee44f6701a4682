namespace NexusGen.Server.Configuration;

/// <summary>How a server behaves: who may ask, how much, and how long it waits. Bound from configuration; checked at the start.</summary>
public sealed class NexusGenServerOptions
{
    /// <summary>The model's name in requests and responses; the name of its folder where null. Other names are refused.</summary>
    public string? ModelId { get; set; }

    /// <summary>Keys of which each request must bring one, as <c>Authorization: Bearer …</c>; none is asked for where empty.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>How many requests are computed at the same time.</summary>
    public int MaxRunning { get; set; } = 8;

    /// <summary>How many requests may wait for their turn; more are refused at once, with the status 429.</summary>
    public int QueueLength { get; set; } = 64;

    /// <summary>How many of them may be one client's: those who share a key, or an address where there are no keys.</summary>
    public int QueuePerClient { get; set; } = 16;

    /// <summary>
    /// How many connections may be open; more are closed at once. At least as many as requests may be computed and wait, and for
    /// the whole of the web server that this one is part of, unless that sets its own.
    /// </summary>
    public int MaxConnections { get; set; } = 1000;

    /// <summary>The longest a request may take, its time in the queue included.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long requests that are running may still take when the server is told to stop.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the model's parts stay loaded after the last request; for ever where null.</summary>
    public TimeSpan? Keep { get; set; }

    /// <summary>Most bytes of a request.</summary>
    public long MaxBodyBytes { get; set; } = 64 << 20;

    /// <summary>Most pictures that one request may bring.</summary>
    public int MaxPictures { get; set; } = 16;

    /// <summary>Most pixels of a picture that is brought; it is looked at before it is decoded.</summary>
    public long MaxPicturePixels { get; set; } = 64_000_000;

    /// <summary>
    /// Most pixels of all pictures of a request together: what a request that is computed holds decoded, three bytes each. They are
    /// looked at before the first one is decoded.
    /// </summary>
    public long MaxRequestPixels { get; set; } = 128_000_000;

    /// <summary>The longest side of a picture to draw, in pixels.</summary>
    public int MaxSide { get; set; } = 2048;

    /// <summary>Most pictures that one request may ask for.</summary>
    public int MaxCount { get; set; } = 10;

    /// <summary>Most denoising steps of a picture.</summary>
    public int MaxSteps { get; set; } = 100;

    /// <summary>The longest reply, in tokens.</summary>
    public int MaxTokens { get; set; } = 4096;

    /// <summary>Most characters of all texts of a request.</summary>
    public int MaxTextLength { get; set; } = 100_000;

    /// <summary>
    /// Machines that pictures may be fetched from, as <c>host</c> or <c>host:port</c>; none where empty. Addresses inside the own
    /// network are never asked, unless they stand here as numbers.
    /// </summary>
    public IList<string> PictureHosts { get; } = [];

    /// <summary>Folders whose files may be named as pictures by callers of the tools (MCP); none where empty.</summary>
    public IList<string> Folders { get; } = [];

    /// <summary>Web pages of other addresses that may use this server from a browser, as <c>https://name</c>; none where empty.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Names under which this server is reached besides those of this machine, where it asks for no keys.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>
    /// Proxies in front of this server, as addresses or networks (<c>10.0.0.0/8</c>): what they say of the caller's address, scheme and
    /// name (<c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c>) is believed. Nobody's word is where empty.
    /// </summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>How long a drawn picture can be fetched by its address.</summary>
    public TimeSpan PictureLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most bytes of pictures and conversations that are kept in memory for later requests; the oldest go first.</summary>
    public long StoreBytes { get; set; } = 256 << 20;

    /// <summary>The SQLite file of the studio's gallery; null keeps it in memory, until the server stops.</summary>
    public string? Gallery { get; set; }

    /// <summary>Most bytes of the gallery's pictures; the oldest go first.</summary>
    public long GalleryBytes { get; set; } = 8L << 30;
}
