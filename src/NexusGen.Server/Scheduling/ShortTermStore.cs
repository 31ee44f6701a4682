using System.Security.Cryptography;

namespace NexusGen.Server.Scheduling;

/// <summary>
/// Keeps what later requests may ask for, for a while: pictures under addresses that can't be guessed, and responses. Bounded in
/// bytes; the oldest go first. Safe for several threads.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="capacity">Most bytes.</param>
/// <param name="lifetime">How long a thing is kept.</param>
/// <param name="time">The clock.</param>
internal class ShortTermStore<T>(long capacity, TimeSpan lifetime, TimeProvider? time = null)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, LinkedListNode<Item>> _items = [];
    private readonly LinkedList<Item> _oldestFirst = [];
    private long _bytes;

    /// <summary>How many bytes are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>A name that can't be guessed.</summary>
    /// <param name="prefix">What it begins with.</param>
    public static string NewId(string prefix) => prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>Keeps a thing, unless it is larger than all that may be kept.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="owner">Whose it is: nobody else gets it.</param>
    /// <param name="value">The thing.</param>
    /// <param name="bytes">How large it is.</param>
    public void Add(string id, string owner, T value, long bytes)
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            while (_oldestFirst.First is { } oldest && (_bytes + bytes > capacity || oldest.Value.Until <= now))
            {
                Remove(oldest);
            }

            if (bytes <= capacity)
            {
                _items[id] = _oldestFirst.AddLast(new Item(id, owner, value, bytes, now + lifetime));
                _bytes += bytes;
            }
        }
    }

    /// <summary>A kept thing; null where it is gone, was never there, or is another's.</summary>
    public T? Find(string id, string owner)
    {
        lock (_gate)
        {
            return _items.TryGetValue(id, out LinkedListNode<Item>? node) && node.Value.Owner == owner && node.Value.Until > _time.GetUtcNow() ? node.Value.Value : null;
        }
    }

    /// <summary>Forgets a thing.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Forget(string id, string owner)
    {
        lock (_gate)
        {
            if (!_items.TryGetValue(id, out LinkedListNode<Item>? node) || node.Value.Owner != owner)
            {
                return false;
            }

            Remove(node);
            return true;
        }
    }

    private void Remove(LinkedListNode<Item> node)
    {
        _oldestFirst.Remove(node);
        _items.Remove(node.Value.Id);
        _bytes -= node.Value.Bytes;
    }

    private sealed record Item(string Id, string Owner, T Value, long Bytes, DateTimeOffset Until);
}
