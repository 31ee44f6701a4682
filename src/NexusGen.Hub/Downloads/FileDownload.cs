using System.Net;
using NexusGen.Hub.Core;
using NexusGen.Hub.Http;
using NexusGen.Hub.Sites;
using NexusGen.Hub.Storage;

namespace NexusGen.Hub.Downloads;

/// <summary>
/// Fetches a file: goes on where an earlier attempt ended, in this process or before, and gives it its name only when its length
/// and checksum are those that the hub announced.
/// </summary>
/// <param name="http">The client.</param>
/// <param name="site">The hub.</param>
/// <param name="repository">The repository.</param>
/// <param name="file">The file.</param>
/// <param name="settings">The settings.</param>
/// <param name="progress">Receives the number of bytes added; negative if a part is discarded and downloaded again.</param>
internal sealed class FileDownload(
    HubHttp http, IHubSite site, HubRepository repository, HubFile file, HubSettings settings, Action<long> progress)
{
    private const int BufferBytes = 1 << 18;

    private FileChecksum? _checksum;
    private long? _size = file.Size;

    // The furthest byte so far. One that was fetched again is no progress.
    private long _furthest;

    /// <summary>Fetches the file.</summary>
    /// <param name="target">The path of the file.</param>
    /// <param name="incomplete">The path where it grows.</param>
    /// <param name="cancellationToken">Ends the attempt. What came is kept for the next one.</param>
    /// <exception cref="HubException">The file can't be fetched, or is another one than announced.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task RunAsync(string target, string incomplete, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(incomplete))!);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        try
        {
            await using (FileStream stream = Open(incomplete))
            {
                await ContinueAsync(stream, cancellationToken).ConfigureAwait(false);
                await http.RetryAsync(
                    site.Name, token => ReceiveAsync(stream, token), () => _furthest, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
                string? actual = file.Checksum is null ? null : Checksum(stream.Length).End();
                if (actual != file.Checksum)
                {
                    // Nobody knows which part is wrong.
                    stream.SetLength(0);
                    throw new HubException(
                        $"{file.Path} of {repository} arrived with another checksum ({actual![..12]}…) than {site.Name} "
                        + $"announces ({file.Checksum![..12]}…): it was removed. Run the command again.");
                }
            }

            File.Move(incomplete, target, overwrite: true);
        }
        finally
        {
            _checksum?.Dispose();
            RemoveIfEmpty(incomplete);
        }
    }

    private static FileStream Open(string incomplete)
    {
        try
        {
            return new FileStream(
                incomplete, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, useAsync: true);
        }
        catch (IOException e) when (File.Exists(incomplete))
        {
            throw new HubException($"Another program writes {incomplete}: wait until it has finished.", e);
        }
    }

    // What an earlier attempt left.
    private async Task ContinueAsync(FileStream stream, CancellationToken cancellationToken)
    {
        if (_size is null || stream.Length > _size)
        {
            stream.SetLength(0);
        }

        if (stream.Length > 0 && file.Checksum is not null)
        {
            await Checksum(_size!.Value).AppendAsync(stream, stream.Length, cancellationToken).ConfigureAwait(false);
        }

        stream.Position = _furthest = stream.Length;
        progress(stream.Length);
    }

    private async Task ReceiveAsync(FileStream stream, CancellationToken cancellationToken)
    {
        if (stream.Length == _size)
        {
            return;
        }

        long from = stream.Length;
        using HttpResponseMessage response = await http.SendAsync(
            HttpMethod.Get, site.AddressOf(repository, file.Path), site.Token, from > 0 ? from : null, cancellationToken)
            .ConfigureAwait(false);
        PassingFailure.ThrowIf(response);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && from > 0)
        {
            Restart(stream);
            throw new PassingFailure("it does not know the range of the rest, so the file is fetched from its beginning");
        }

        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent))
        {
            throw site.Refused(repository, file.Path, response);
        }

        bool isRest = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == from;
        if (from > 0 && !isRest)
        {
            Restart(stream);
            if (response.StatusCode == HttpStatusCode.PartialContent)
            {
                throw new PassingFailure("it sends another range than was asked for, so the file is fetched from its beginning");
            }
        }

        _size ??= response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null;
        await CopyAsync(response, stream, cancellationToken).ConfigureAwait(false);
        if (_size is { } size && stream.Length < size)
        {
            throw new PassingFailure($"the connection ended at {stream.Length:N0} of {size:N0} bytes");
        }
    }

    private async Task CopyAsync(HttpResponseMessage response, FileStream stream, CancellationToken cancellationToken)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[BufferBytes];
        while (true)
        {
            int read = await ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            if (_size is { } size && stream.Length + read > size)
            {
                Restart(stream);
                throw new HubException(
                    $"{site.Name} sends more than the {size:N0} bytes that it announces for {file.Path} of {repository}: nothing "
                    + "was kept.");
            }

            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            if (file.Checksum is not null)
            {
                Checksum(_size ?? 0).Append(buffer.AsSpan(0, read));
            }

            _furthest = Math.Max(_furthest, stream.Length);
            progress(read);
        }
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(settings.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no byte came for {settings.StallTimeout.TotalSeconds:0} s", e);
        }
        catch (IOException e)
        {
            throw new PassingFailure($"the connection broke off: {e.Message.TrimEnd('.')}");
        }
    }

    private void Restart(FileStream stream)
    {
        progress(-stream.Length);
        stream.SetLength(0);
        stream.Position = 0;
        _checksum?.Dispose();
        _checksum = null;
    }

    private FileChecksum Checksum(long size) => _checksum ??= new FileChecksum(file.Checksum!, size);

    private static void RemoveIfEmpty(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: 0 } empty)
        {
            empty.Delete();
        }
    }
}
