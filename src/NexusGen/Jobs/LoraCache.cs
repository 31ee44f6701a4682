using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Requests;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>
/// Keeps the LoRA files that requests use in memory, so that switching between them takes no time. Those that no request is using
/// are unloaded, the least recently used first, when all together take more than a limit. A file that has changed is read again.
/// Safe to call from any thread.
/// </summary>
/// <param name="device">The device of the changes.</param>
/// <param name="limit">The number of bytes that files may take that are not in use.</param>
/// <param name="reserve">Receives the number of bytes of all files in memory, whenever it changes.</param>
internal sealed class LoraCache(Device device, long limit, Action<long> reserve) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Key, Entry> _entries = [];
    private long _clock;

    /// <summary>Gets the number of files in memory; a file that changes both decoders counts twice.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Loads files, unless they are in memory, and leases them.</summary>
    /// <param name="target">Returns the model that they change; called only if there are files.</param>
    /// <param name="loras">The files.</param>
    /// <returns>The lease; dispose it when the request has ended.</returns>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public async Task<LoraLease> AcquireAsync(Func<LoraTarget> target, IReadOnlyList<LoraSettings> loras)
    {
        List<(Entry, LoraWeights, double)> leased = [];
        try
        {
            foreach (LoraSettings lora in LoraSettings.Checked(loras))
            {
                Entry entry = Lease(new Key(target(), lora.Path, StampOf(lora.Path)));
                LoraWeights weights;
                try
                {
                    weights = await entry.Loading;
                }
                catch
                {
                    Release(entry);
                    throw;
                }

                leased.Add((entry, weights, lora.Strength));
            }

            Settle();
        }
        catch
        {
            leased.ForEach(item => Release(item.Item1));
            throw;
        }

        return new LoraLease(
            [.. leased.Select(item => (item.Item2, item.Item3))],
            () => leased.ForEach(item => Release(item.Item1)));
    }

    /// <summary>Unloads the files that no request is using.</summary>
    public void Trim() => Settle(most: 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values.ToList())
            {
                ((IAsyncResult)entry.Loading).AsyncWaitHandle.WaitOne();
                Drop(entry);
            }
        }
    }

    // When the file or, for a folder, its files were written, and their length: a file that was replaced is another one.
    private static (DateTime, long) StampOf(string path)
    {
        try
        {
            FileInfo[] files = Directory.Exists(path) ? new DirectoryInfo(path).GetFiles() : [new FileInfo(path)];
            return (files.Select(file => file.LastWriteTimeUtc).DefaultIfEmpty().Max(), files.Sum(file => file.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening the file says what is wrong.
            return default;
        }
    }

    private static LoraWeights Load(Key key, Device device)
    {
        try
        {
            using LoraFile file = LoraFile.Open(key.Path);
            return LoraReader.Read(file, key.Target, device);
        }
        catch (NexusGenException e)
        {
            throw new LoraException(key.Path, e);
        }
    }

    private Entry Lease(Key key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out Entry? entry) || entry.Loading.IsFaulted)
            {
                _entries[key] = entry = new Entry(key, Task.Run(() => Load(key, device)));
            }

            entry.Leases++;
            entry.LastUse = ++_clock;
            return entry;
        }
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            entry.Leases--;
        }

        Settle();
    }

    private void Settle(long? most = null)
    {
        long held;
        lock (_gate)
        {
            foreach (Entry idle in _entries.Values.Where(entry => entry.Leases == 0).OrderBy(entry => entry.LastUse).ToList())
            {
                if (idle.Loading.IsFaulted || _entries.Values.Sum(entry => entry.ByteLength) > (most ?? limit))
                {
                    Drop(idle);
                }
            }

            held = _entries.Values.Sum(entry => entry.ByteLength);
        }

        reserve(held);
    }

    private void Drop(Entry entry)
    {
        // A failed entry may have been replaced by a later attempt.
        if (_entries.TryGetValue(entry.Key, out Entry? current) && current == entry)
        {
            _entries.Remove(entry.Key);
        }

        if (entry.Loading.IsCompletedSuccessfully)
        {
            entry.Loading.Result.Dispose();
        }
    }

    private readonly record struct Key(LoraTarget Target, string Path, (DateTime, long) Written);

    private sealed class Entry(Key key, Task<LoraWeights> loading)
    {
        public Key Key => key;

        public Task<LoraWeights> Loading => loading;

        public int Leases { get; set; }

        public long LastUse { get; set; }

        public long ByteLength => loading.IsCompletedSuccessfully ? loading.Result.ByteLength : 0;
    }
}
